/** Our packages in the place of the original's: same names, units, account and folders; its store is etcd's. */
import { addSystemctl, aptInstall, buildPackages, Machine, until } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const UNIT = `[Unit]
Description=The Sensu Backend service.
[Service]
User=sensu
Group=sensu
EnvironmentFile=-/etc/default/sensu-backend
ExecStart=/usr/sbin/sensu-backend start -c /etc/sensu/backend.yml
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
[Install]
WantedBy=multi-user.target
`;

/** What its package leaves on a host; the program itself only has to run. */
const THEIRS: Readonly<Record<string, string>> = {
  "usr/sbin/sensu-backend": "#!/bin/sh\nexec sleep infinity\n",
  "lib/systemd/system/sensu-backend.service": UNIT,
  "etc/logrotate.d/sensu-backend": "/var/log/sensu/*.log {\n  rotate 3\n}\n",
  "etc/init.d/sensu-backend":
    "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: sensu-backend\n# Default-Start: 2 3 4 5\n# Default-Stop: 0 1 6\n### END INIT INFO\nexit 0\n",
  "DEBIAN/conffiles": "/etc/logrotate.d/sensu-backend\n/etc/init.d/sensu-backend\n",
  "DEBIAN/control":
    "Package: sensu-go-backend\nVersion: 6.11.0-7218\nArchitecture: all\nMaintainer: T <t@example.com>\nDescription: theirs\n",
  "DEBIAN/postinst": `#!/bin/sh
getent passwd sensu >/dev/null || useradd --system --user-group --home-dir /opt/sensu --shell /bin/false sensu
mkdir -p /etc/sensu /var/lib/sensu/sensu-backend; chown -R sensu:sensu /var/lib/sensu
`,
};

test("the original's package is replaced: files of the operator and data stay, the service runs ours and names what it cannot read", async () => {
  await using machine = await Machine.start({ has: "none" });
  await addSystemctl(machine);
  for (const [file, text] of Object.entries(THEIRS)) await machine.write(`/tmp/theirs/${file}`, text);
  await machine.text(`cd /tmp; chmod 755 theirs/usr/sbin/* theirs/etc/init.d/* theirs/DEBIAN/postinst
dpkg-deb --root-owner-group -Znone --build theirs theirs.deb; dpkg -i theirs.deb`);
  await machine.write("/etc/sensu/backend.yml", "log-level: warn\n");
  await machine.text(`echo '# mine' >> /etc/logrotate.d/sensu-backend; echo SENSU_BACKEND_LOG_LEVEL=info > /etc/default/sensu-backend
install -d -o sensu -g sensu -m 0700 /var/lib/sensu/sensu-backend/etcd/data/member; echo theirs > /var/lib/sensu/sensu-backend/etcd/data/member/db
systemctl enable sensu-backend; systemctl start sensu-backend; getent passwd sensu > /tmp/account`);

  using packages = await buildPackages();
  const backend = packages.files.filter((file) => file.includes("sensu-go-backend"));
  await machine.text(aptInstall(["-o Dpkg::Options::=--force-confold", ...backend]));
  expect(await machine.text("dpkg -s sensu-go-backend | grep -E '^(Status|Version)'")).toMatch(
    /^Status: install ok installed\nVersion: 1:/,
  );
  expect(await machine.text("tail -n 1 /etc/logrotate.d/sensu-backend; cat /etc/default/sensu-backend")).toBe(
    "# mine\nSENSU_BACKEND_LOG_LEVEL=info\n",
  );
  // Unchanged by the operator, it is ours now.
  expect(await machine.text("cat /etc/init.d/sensu-backend")).toContain("start-stop-daemon");
  expect(await machine.text("cat /etc/sensu/backend.yml; getent passwd sensu | diff /tmp/account -")).toBe(
    "log-level: warn\n",
  );
  expect(await machine.text("systemctl is-enabled sensu-backend")).toBe("enabled\n");

  const journal = () => machine.text("journalctl -u sensu-backend");
  await until("the refusal", async () => ((await journal()).includes("has the data of Sensu Go") ? true : undefined));
  expect(
    await machine.text("ls /var/lib/sensu/sensu-backend; cat /var/lib/sensu/sensu-backend/etcd/data/member/db"),
  ).toBe("etcd\ntheirs\n");

  await machine.text("echo 'embedded-store: builtin' >> /etc/sensu/backend.yml; systemctl restart sensu-backend");
  await until("ready", async () => {
    const { code } = await machine.shell("curl -fsS http://127.0.0.1:8080/ready");
    return code === 0 ? true : undefined;
  });
  expect(await machine.text("cat /var/lib/sensu/sensu-backend/etcd/data/member/db")).toBe("theirs\n");
});
