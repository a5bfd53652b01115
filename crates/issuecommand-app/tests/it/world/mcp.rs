//! MCP through its official client.

use std::collections::BTreeSet;

use issuecommand_core::domain::access::Caller;
use issuecommand_mcp::{Shown, serve};
use rmcp::model::CallToolRequestParams;
use rmcp::service::RunningService;
use rmcp::{RoleClient, ServiceExt};
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Setup, caller};

/// A session with a server; it ends when dropped.
pub(crate) struct Mcp {
    client: RunningService<RoleClient, ()>,
    _stop: DropGuard,
}

impl Mcp {
    /// A session of a local agent.
    pub(crate) async fn serving(setup: &Setup) -> Self {
        Self::serving_as(setup, caller()).await
    }

    pub(crate) async fn serving_as(setup: &Setup, caller: Caller) -> Self {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (client, _) = watch::channel(false);
        let stop = CancellationToken::new();
        let (input, output) = tokio::io::split(theirs);
        tokio::spawn(serve(
            setup.service.clone(),
            caller,
            Shown {
                output_schemas: true,
            },
            input,
            output,
            client,
            stop.clone(),
        ));
        Self {
            client: ().serve(ours).await.unwrap(),
            _stop: stop.drop_guard(),
        }
    }

    /// The names of all tools.
    pub(crate) async fn tools(&self) -> BTreeSet<&'static str> {
        let tools = self.client.list_all_tools().await.unwrap();
        let names = tools
            .into_iter()
            .map(|tool| &*tool.name.into_owned().leak());
        names.collect()
    }

    /// Calls a tool: whether the result is marked as an error, and its object.
    pub(crate) async fn call(&self, tool: &'static str, arguments: &Value) -> (bool, Value) {
        let arguments = arguments.as_object().unwrap().clone();
        let call = CallToolRequestParams::new(tool).with_arguments(arguments);
        let result = self
            .client
            .call_tool(call)
            .await
            .expect("no protocol error");
        let [block] = &result.content[..] else {
            panic!("one block: {result:?}")
        };
        let text = &block.as_text().expect("a text block").text;
        let mut told: Value = serde_json::from_str(text).unwrap();
        if told["error"].is_string() {
            // The request id differs each time.
            told.as_object_mut().unwrap().remove("request_id");
        }
        let failed = result.is_error == Some(true);
        if !failed {
            assert_eq!(result.structured_content.as_ref(), Some(&told), "{tool}");
        }
        (failed, told)
    }
}
