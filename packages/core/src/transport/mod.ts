export * from "./framing.ts";
export * from "./handshake.ts";
