//! A scripted model behind a small HTTP server.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use serde_json::Value;

use crate::harness::{PATIENCE, wait_for};

/// What the model does next.
pub(super) enum Turn {
    /// It calls this tool of IssueCommand. `$claim_id` and the like in the input stand for what the last results and hooks said, and
    /// are left out if these said nothing of it.
    Tool(&'static str, Value),
    /// It says this, which ends its turn.
    Text(&'static str),
    /// The test does something before the model goes on.
    Meanwhile(Box<dyn FnOnce() + Send>),
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tool(name, input) => write!(f, "{name} {input}"),
            Self::Text(text) => f.write_str(text),
            Self::Meanwhile(_) => f.write_str("meanwhile"),
        }
    }
}

/// A request to the model.
#[derive(Clone, Debug)]
pub(super) struct ModelRequest {
    pub(super) at: Instant,
    /// All that was new in it, as JSON text.
    pub(super) news: String,
}

/// How a provider's requests are read and answered.
pub(super) trait Provider: Send + Sync + 'static {
    /// The answer to a request that is not for the model.
    fn aside(&self, path: &str) -> Option<Value>;
    /// What of the request is new since the model spoke last, and the names of the offered tools. `None` for a small request on the
    /// side, such as for a title.
    fn read(&self, body: &Value) -> Option<Value>;
    /// The body and the type of the response.
    fn answer(&self, n: usize, body: &Value, turn: &Turn) -> (String, &'static str);
    /// Whether the tool is not offered yet, so that this one has to come first.
    fn search(&self, body: &Value, turn: &Turn) -> Option<Turn>;
}

#[derive(Debug, Default)]
struct State {
    script: Mutex<VecDeque<Turn>>,
    asked: Mutex<Vec<ModelRequest>>,
    seen: Mutex<BTreeMap<String, Value>>,
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) address: String,
    state: Arc<State>,
}

impl Model {
    pub(super) fn start(provider: impl Provider) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = Arc::<State>::default();
        let (provider, shared) = (Arc::new(provider), state.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (provider, state) = (provider.clone(), shared.clone());
                thread::spawn(move || serve(&stream, &*provider, &state));
            }
        });
        Self { address, state }
    }

    /// Adds to the script.
    pub(super) fn then(&self, turns: impl IntoIterator<Item = Turn>) {
        self.state.script.lock().unwrap().extend(turns);
    }

    pub(super) fn asked(&self) -> Vec<ModelRequest> {
        self.state.asked.lock().unwrap().clone()
    }

    /// Waits for a request, not among the first so many, in whose news this stands.
    pub(super) fn hears(&self, after: usize, words: &str) -> ModelRequest {
        let what = format!("the model to hear {words:?}");
        wait_for(&what, PATIENCE, || {
            let asked = self.asked();
            let mut later = asked.iter().skip(after);
            later.find(|asked| asked.news.contains(words)).cloned()
        })
    }

    /// Waits until the script is played to its end and the model was not asked for a while.
    pub(super) fn rests(&self) {
        wait_for("the end of the script", PATIENCE, || {
            let played = self.state.script.lock().unwrap().is_empty();
            let last = self.asked().last().map(|asked| asked.at.elapsed());
            let quiet = last.is_some_and(|quiet| quiet.as_millis() > 1_500);
            (played && quiet).then_some(())
        });
    }
}

fn serve(stream: &TcpStream, provider: &dyn Provider, state: &State) {
    let Some((path, body)) = request(stream) else {
        return;
    };
    let (answer, kind) = match provider.aside(&path) {
        Some(answer) => (answer.to_string(), "application/json"),
        None => reply(&serde_json::from_str(&body).unwrap(), provider, state),
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.len()
    );
    // A client that was killed reads no more.
    let mut stream = stream;
    let _ = stream.write_all((head + &answer).as_bytes());
}

fn reply(body: &Value, provider: &dyn Provider, state: &State) -> (String, &'static str) {
    let Some(news) = provider.read(body) else {
        return provider.answer(0, body, &Turn::Text("ok"));
    };
    learn(&news, &mut state.seen.lock().unwrap());
    let n = {
        let mut asked = state.asked.lock().unwrap();
        asked.push(ModelRequest {
            at: Instant::now(),
            news: news.to_string(),
        });
        asked.len()
    };
    loop {
        let turn = state.script.lock().unwrap().pop_front();
        let turn = match turn {
            Some(Turn::Meanwhile(act)) => {
                act();
                continue;
            }
            Some(turn) => turn,
            None => Turn::Text("done"),
        };
        if let Some(first) = provider.search(body, &turn) {
            state.script.lock().unwrap().push_front(turn);
            return provider.answer(n, body, &first);
        }
        let turn = match turn {
            Turn::Tool(name, input) => {
                Turn::Tool(name, filled(&input, &state.seen.lock().unwrap()))
            }
            other => other,
        };
        return provider.answer(n, body, &turn);
    }
}

/// The path and the body.
fn request(stream: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        assert!(!header.starts_with("transfer-encoding"), "{header}");
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, String::from_utf8(body).unwrap()))
}

/// Remembers ids and numbers in results, which are JSON in texts; not those of other work that a result tells of.
fn learn(value: &Value, seen: &mut BTreeMap<String, Value>) {
    match value {
        Value::String(text) => {
            let begin = text.find('{');
            let json = begin.and_then(|begin| serde_json::from_str(&text[begin..]).ok());
            if let Some(value) = json {
                learn(&value, seen);
            }
            // What a hook tells the model to give.
            if let Some((_, name)) = text.split_once("Give agent_id \"") {
                let name = name.split('"').next().unwrap_or_default();
                seen.insert("agent_id".to_owned(), Value::from(name));
            }
        }
        Value::Array(values) => values.iter().for_each(|value| learn(value, seen)),
        Value::Object(fields) => {
            let told = |name: &&String| !matches!(name.as_str(), "notices" | "also_yours");
            for (name, value) in fields.iter().filter(|(name, _)| told(name)) {
                let names = ["_id", "number", "url"]
                    .iter()
                    .any(|end| name.ends_with(end));
                if names && (value.is_string() || value.is_number()) {
                    seen.insert(name.clone(), value.clone());
                }
                learn(value, seen);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn filled(value: &Value, seen: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::String(text) => {
            let name = text.strip_prefix('$');
            let known = name.and_then(|name| seen.get(name));
            known.cloned().unwrap_or_else(|| value.clone())
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let all = fields.map(|(name, value)| (name.clone(), filled(value, seen)));
            let is_known = |value: &Value| value.as_str().is_none_or(|text| !text.starts_with('$'));
            all.filter(|(_, value)| is_known(value)).collect()
        }
        other => other.clone(),
    }
}

/// Server-sent events.
pub(super) fn events(events: &[Value]) -> (String, &'static str) {
    let lines = events.iter().map(|event| {
        let kind = event["type"].as_str().unwrap();
        format!("event: {kind}\ndata: {event}\n\n")
    });
    (lines.collect(), "text/event-stream")
}
