import { readConfig, writeCluster } from "../config/files.ts";
import { leaf } from "../frame/command.ts";

/** C-22, C-33. */
export default leaf({
  name: "logout",
  summary: "Log out of sensuctl",
  async run(session) {
    const tokens = session.tokens();
    if (!tokens?.access_token) {
      session.say("There is no session to log out of");
      return;
    }
    const client = await session.client();
    await client.logout(tokens.refresh_token);
    const { folder } = session.settings;
    writeCluster(folder, {
      ...readConfig(folder).cluster,
      tokens: { access_token: "", expires_at: 0, refresh_token: "" },
      insecureSkipTlsVerify: false,
      trustedCaFile: "",
    });
    session.say("You have been logged out");
  },
});
