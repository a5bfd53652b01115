// Between the tests and a client of a TypeScript SDK. The words of the command line are the era of the protocol (legacy, modern),
// the transport (stdio, http) and the program or the URL. The first line written is what the server has shown; then each line read
// is a call of a tool, and the line written after it is what came of it.
import { createInterface } from "node:readline";

const [era, transport, target] = process.argv.slice(2);
const say = (object) => process.stdout.write(`${JSON.stringify(object)}\n`);

/** `connect` gives a connected client, `protocol` what version of the protocol it speaks. */
export async function bridge({ stdio, http, connect, protocol }) {
  // The key goes with each request, as the SDK is told to send headers.
  const headers = { Authorization: `Bearer ${process.env.API_KEY}` };
  const wire =
    transport === "http"
      ? new http(new URL(target), { requestInit: { headers } })
      : new stdio({ command: target, env: process.env, stderr: "inherit" });
  const client = await connect(wire, era);
  const { tools } = await client.listTools();
  say({
    protocol: protocol(client, wire),
    server: client.getServerVersion().name,
    tools: tools.map((tool) => tool.name),
    schemas: tools.filter((tool) => tool.outputSchema).length,
  });
  for await (const line of createInterface({ input: process.stdin })) {
    const call = JSON.parse(line);
    try {
      const { content, structuredContent, isError } = await client.callTool(call);
      say({ content, structuredContent, isError });
    } catch (error) {
      say({ thrown: String(error) });
    }
  }
  await client.close();
}
