import { type FallbackPipeline, type Pipeline, referenceText } from "@sensu-ts/core";
import type { Layout } from "./layout.ts";
import { joined } from "./text.ts";

export const pipelineLayout: Layout<Pipeline> = {
  columns: [
    { title: "Name", cell: (pipeline) => pipeline.metadata.name, style: "primary" },
    { title: "Workflows", cell: (pipeline) => joined(pipeline.workflows.map(({ name }) => name)) },
  ],
  info: (pipeline) => ({
    title: pipeline.metadata.name,
    rows: [
      ["Name", pipeline.metadata.name],
      ["Workflows", ""],
      ...pipeline.workflows.flatMap(({ name, filters, mutator, handler }) => [
        [`  ${name}`, ""] as const,
        ...filters.map((filter) => ["    Filter", referenceText(filter)] as const),
        ["    Mutator", mutator === undefined ? "" : referenceText(mutator)] as const,
        ["    Handler", handler === undefined ? "" : referenceText(handler)] as const,
      ]),
    ],
  }),
};

export const fallbackPipelineLayout: Layout<FallbackPipeline> = {
  columns: [
    { title: "Name", cell: ({ metadata }) => metadata.name, style: "primary" },
    { title: "Pipelines", cell: ({ pipelines }) => joined(pipelines.map(({ name }) => name)) },
  ],
  info: ({ metadata, pipelines }) => ({
    title: metadata.name,
    rows: [
      ["Name", metadata.name],
      ["Pipelines", joined(pipelines.map(({ name }) => name))],
    ],
  }),
};
