// The TypeScript SDK, version 1: it knows the protocol with a handshake only.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { bridge } from "./bridge.mjs";

let negotiated;

await bridge({
  stdio: StdioClientTransport,
  http: StreamableHTTPClientTransport,
  connect: async (wire) => {
    const client = new Client({ name: "typescript-v1", version: "1" });
    // The SDK tells its transport what was agreed, and nobody else.
    const told = wire.setProtocolVersion?.bind(wire);
    wire.setProtocolVersion = (version) => {
      negotiated = version;
      told?.(version);
    };
    await client.connect(wire);
    return client;
  },
  protocol: () => negotiated,
});
