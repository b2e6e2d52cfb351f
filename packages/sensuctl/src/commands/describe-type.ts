import { leaf } from "../frame/command.ts";
import { FORMAT } from "../frame/flags.ts";
import { chosenFormat, printPlain } from "../print/output.ts";
import { type Column, renderTable } from "../print/table.ts";
import { qualifiedName, shortName, typesFrom } from "./type-names.ts";

interface Description {
  readonly [key: string]: string | boolean;
  readonly name: string;
  readonly short_name: string;
  readonly api_version: string;
  readonly type: string;
  readonly namespaced: boolean;
}

const COLUMNS: readonly Column<Description>[] = [
  { title: "Fully Qualified Name", cell: ({ name }) => name, style: "primary" },
  { title: "Short Name", cell: ({ short_name }) => short_name },
  { title: "API Version", cell: ({ api_version }) => api_version },
  { title: "Type", cell: ({ type }) => type },
  { title: "Namespaced", cell: ({ namespaced }) => String(namespaced) },
];

export default leaf({
  name: "describe-type",
  summary: "Describe the types of resources",
  usage: "[RESOURCE TYPE],[RESOURCE TYPE]...",
  args: [1, 1],
  argsError: () => "invalid argument(s) received, expected a single one or a comma-separated list",
  flags: [FORMAT],
  async run(session, flags) {
    const rows = typesFrom(session.args[0] ?? "").map((type) => ({
      name: qualifiedName(type),
      short_name: shortName(type),
      api_version: type.apiVersion,
      type: type.name,
      namespaced: type.scope === "namespaced",
    }));
    const tabular = () => renderTable(COLUMNS, rows, session.paint);
    printPlain(session, chosenFormat(session, flags.format), rows, rows, tabular);
  },
});
