/** Layouts of namespaces, users, API keys and the RBAC types. */
import type {
  APIKey,
  ClusterRole,
  ClusterRoleBinding,
  Namespace,
  Role,
  RoleBinding,
  Rule,
  Subject,
  User,
} from "@sensu-ts/core";
import type { Layout } from "./layout.ts";
import { type Column, renderTable } from "./table.ts";
import { joined, listed } from "./text.ts";
import { localTime, localTimeOrNone } from "./time.ts";

export const namespaceLayout: Layout<Namespace> = {
  columns: [{ title: "Name", cell: ({ name }) => name, style: "primary" }],
};

export const userLayout: Layout<User> = {
  columns: [
    { title: "Username", cell: (user) => user.username, style: "primary" },
    { title: "Groups", cell: (user) => joined(user.groups) },
    { title: "Enabled", cell: (user, paint) => paint.boolean(!user.disabled) },
  ],
};

export const apiKeyLayout: Layout<APIKey> = {
  columns: [
    { title: "Name", cell: (key) => key.metadata.name, style: "primary" },
    { title: "Username", cell: (key) => key.username },
    { title: "Created At", cell: (key) => localTimeOrNone(key.created_at) },
  ],
  info: (key) => ({
    title: key.metadata.name,
    rows: [
      ["Name", key.metadata.name],
      ["Username", key.username],
      ["Created At", localTime(key.created_at)],
    ],
  }),
};

const RULE_COLUMNS: readonly Column<Rule>[] = [
  { title: "Verbs", cell: (rule) => joined(rule.verbs) },
  { title: "Resources", cell: (rule) => joined(rule.resources) },
  { title: "Resource Names", cell: (rule) => joined(rule.resource_names) },
];

export const roleLayout: Layout<Role> = {
  columns: [
    { title: "Name", cell: (role) => role.metadata.name, style: "primary" },
    { title: "Namespace", cell: (role) => role.metadata.namespace },
    { title: "Rules", cell: (role) => String(role.rules.length) },
  ],
  info: (role, paint) =>
    renderTable(
      [{ title: "Namespace", cell: () => role.metadata.namespace, style: "primary" }, ...RULE_COLUMNS],
      role.rules,
      paint,
    ),
};

export const clusterRoleLayout: Layout<ClusterRole> = {
  columns: [
    { title: "Name", cell: (role) => role.metadata.name, style: "primary" },
    { title: "Rules", cell: (role) => String(role.rules.length) },
  ],
  info: (role, paint) => renderTable(RULE_COLUMNS, role.rules, paint),
};

export const roleBindingLayout: Layout<RoleBinding> = {
  columns: [
    { title: "Name", cell: (binding) => binding.metadata.name, style: "primary" },
    { title: "Namespace", cell: (binding) => binding.metadata.namespace },
    { title: "Cluster Role", cell: ({ role_ref }) => (role_ref.type === "ClusterRole" ? role_ref.name : "") },
    { title: "Role", cell: ({ role_ref }) => (role_ref.type === "Role" ? role_ref.name : "") },
    { title: "Subjects", cell: (binding) => String(binding.subjects.length) },
  ],
  info: ({ metadata, role_ref, subjects }) => ({
    title: `${metadata.namespace}/${metadata.name}`,
    rows: [
      ["Name", metadata.name],
      ["Namespace", metadata.namespace],
      [role_ref.type, role_ref.name],
      ["Subjects", ""],
      ...subjectRows(subjects),
    ],
  }),
};

export const clusterRoleBindingLayout: Layout<ClusterRoleBinding> = {
  columns: [
    { title: "Name", cell: (binding) => binding.metadata.name, style: "primary" },
    { title: "Cluster Role", cell: (binding) => binding.role_ref.name },
    { title: "Subjects", cell: (binding) => String(binding.subjects.length) },
  ],
  info: ({ metadata, role_ref, subjects }) => ({
    title: metadata.name,
    rows: [["Name", metadata.name], ["Cluster Role", role_ref.name], ["Subjects", ""], ...subjectRows(subjects)],
  }),
};

function subjectRows(subjects: readonly Subject[]): (readonly [string, string])[] {
  const names = (kind: string) => subjects.filter(({ type }) => type === kind).map(({ name }) => name);
  const rows = [
    ["  Users", listed(names("User"))],
    ["  Groups", listed(names("Group"))],
  ] as const;
  return rows.filter(([, value]) => value !== "");
}
