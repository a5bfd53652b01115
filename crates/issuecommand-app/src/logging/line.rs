//! The form of a log line: one JSON object, `{timestamp, level, event, details}`.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use issuecommand_core::domain::time::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// The current time in the format of our timestamps.
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Formats such lines. `event` is the name in the code (`http.serving`), or the module for events of libraries. `details` has
/// the message, the fields, and the fields of the enclosing spans (`request_id`).
pub(super) struct JsonLine;

impl<S> FormatEvent<S, JsonFields> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut details = Details(Map::new());
        for span in context.event_scope().into_iter().flatten() {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<JsonFields>>();
            let fields = fields.and_then(|fields| serde_json::from_str(&fields.fields).ok());
            // Fields of an inner span come first and win.
            for (name, value) in fields.into_iter().flat_map(|map: Map<String, Value>| map) {
                details.0.entry(name).or_insert(value);
            }
        }
        event.record(&mut details);
        let metadata = event.metadata();
        // For events without a name tracing makes one of the source location, which is useless to a reader.
        let name = match metadata.name() {
            place if place.starts_with("event ") => metadata.target(),
            name => name,
        };
        // Written by hand, so that the members keep this order.
        writeln!(
            writer,
            "{{\"timestamp\":\"{}\",\"level\":\"{}\",\"event\":{},\"details\":{}}}",
            now(),
            metadata.level().as_str().to_lowercase(),
            Value::from(name),
            Value::Object(details.0),
        )
    }
}

struct Details(Map<String, Value>);

impl Visit for Details {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::panic::{self, AssertUnwindSafe};
    use std::sync::{Arc, Mutex};

    use secrecy::SecretString;
    use serde_json::json;
    use tracing_subscriber::fmt::layer;
    use tracing_subscriber::layer::SubscriberExt;

    use super::super::panicked;
    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines(of: impl FnOnce()) -> Vec<Value> {
        let kept = Kept::default();
        let writer = kept.clone();
        let layer = layer()
            .fmt_fields(JsonFields::new())
            .event_format(JsonLine)
            .with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), of);
        let bytes = kept.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_has_four_parts_and_the_fields_of_its_spans() {
        let lines = lines(|| {
            let _outer = tracing::info_span!("http", request_id = "r-1", path = "/api").entered();
            let _inner = tracing::info_span!("call", path = "inner").entered();
            tracing::warn!(name: "claim.odd", number = 7, ok = false, "a \"quoted\"\nmessage");
            tracing::info!("nameless");
        });
        let [first, second] = &lines[..] else {
            panic!("{lines:?}")
        };
        assert_eq!(first["level"], "warn");
        assert_eq!(first["event"], "claim.odd");
        let details = json!({
            "message": "a \"quoted\"\nmessage", "number": 7, "ok": false, "request_id": "r-1", "path": "inner"
        });
        assert_eq!(first["details"], details);
        let timestamp = first["timestamp"].as_str().unwrap();
        assert!(
            timestamp.len() == 24 && timestamp.ends_with('Z'),
            "{timestamp}"
        );
        assert_eq!(first.as_object().unwrap().len(), 4);
        assert_eq!(second["event"], "issuecommand_app::logging::line::tests");
    }

    #[test]
    fn a_panic_is_a_line_and_shows_no_secret() {
        let secret = SecretString::from("canary-of-a-panic");
        let lines = lines(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(panicked));
            let broken = panic::catch_unwind(AssertUnwindSafe(|| panic!("broke\nwith {secret:?}")));
            panic::set_hook(before);
            assert!(broken.is_err());
        });
        let [line] = &lines[..] else {
            panic!("{lines:?}")
        };
        assert_eq!(
            (&line["level"], &line["event"]),
            (&json!("error"), &json!("panic"))
        );
        let details = line["details"].to_string();
        assert!(
            details.contains("broke\\nwith") && details.contains("line.rs"),
            "{details}"
        );
        assert!(!details.contains("canary"), "{details}");
    }
}
