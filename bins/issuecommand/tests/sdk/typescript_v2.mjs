// The TypeScript SDK, version 2: it speaks both eras of the protocol.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { bridge } from "./bridge.mjs";

await bridge({
  stdio: StdioClientTransport,
  http: StreamableHTTPClientTransport,
  connect: async (wire, era) => {
    const mode = era === "modern" ? { pin: "2026-07-28" } : "legacy";
    const client = new Client({ name: "typescript-v2", version: "1" }, { versionNegotiation: { mode } });
    await client.connect(wire);
    return client;
  },
  protocol: (client) => client.getNegotiatedProtocolVersion(),
});
