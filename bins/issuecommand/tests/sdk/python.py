"""Between the tests and the Python client, as bridge.mjs is for those of TypeScript."""

import asyncio
import json
import os
import sys

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

ERA, TRANSPORT, TARGET = sys.argv[1:]


def say(thing):
    print(json.dumps(thing), flush=True)


def server(http):
    if TRANSPORT == "http":
        return streamable_http_client(TARGET, http_client=http)
    return StdioServerParameters(command=TARGET, env=dict(os.environ))


async def main():
    headers = {"Authorization": f"Bearer {os.environ['API_KEY']}"}
    mode = "auto" if ERA == "modern" else "legacy"
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http, Client(server(http), mode=mode) as client:
        tools = (await client.list_tools()).tools
        say(
            {
                "protocol": client.protocol_version,
                "server": client.server_info.name,
                "tools": [tool.name for tool in tools],
                "schemas": sum(tool.output_schema is not None for tool in tools),
            }
        )
        while line := await asyncio.to_thread(sys.stdin.readline):
            call = json.loads(line)
            try:
                result = await client.call_tool(call["name"], call["arguments"])
                say(result.model_dump(mode="json", by_alias=True))
            except Exception as error:
                say({"thrown": repr(error)})


asyncio.run(main())
