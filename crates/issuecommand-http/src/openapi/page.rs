//! The document as a text to read: one page of HTML without scripts, and Markdown for the project's documents.

use std::fmt::Write as _;

use serde_json::Value;

/// A piece of the text.
enum Block {
    Heading(u8, String),
    Text(String),
    /// The names of the columns, and rows.
    Table([&'static str; 3], Vec<[String; 3]>),
}

/// The document as one page of HTML that needs nothing else.
pub fn page(document: &Value) -> String {
    let mut body = String::new();
    for block in blocks(document) {
        let _ = match block {
            Block::Heading(level, text) => {
                let (id, text) = (anchor(&text), escaped(&text));
                writeln!(body, "<h{level} id=\"{id}\">{text}</h{level}>")
            }
            Block::Text(text) => writeln!(body, "<p>{}</p>", escaped(&text)),
            Block::Table(head, rows) => {
                let row = |cell: &str, row: &[String; 3]| {
                    let cells = row
                        .iter()
                        .map(|text| format!("<{cell}>{}</{cell}>", escaped(text)));
                    format!("<tr>{}</tr>\n", cells.collect::<String>())
                };
                let rows: String = rows.iter().map(|cells| row("td", cells)).collect();
                let head = row("th", &head.map(str::to_owned));
                writeln!(body, "<table>\n{head}{rows}</table>")
            }
        };
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>IssueCommand over HTTP</title>\n<style>{STYLE}</style>\n{body}</html>\n"
    )
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    h2{margin-top:2.5rem;border-top:1px solid #8886;padding-top:1rem}table{border-collapse:collapse;width:100%}\
    th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border:1px solid #8886}:root{color-scheme:light dark}";

/// The document as Markdown.
pub fn markdown(document: &Value) -> String {
    let mut text = String::new();
    for block in blocks(document) {
        let _ = match block {
            Block::Heading(level, words) => {
                writeln!(text, "{} {words}\n", "#".repeat(level.into()))
            }
            Block::Text(words) => writeln!(text, "{words}\n"),
            Block::Table(head, rows) => {
                let line = |cells: &[String; 3]| {
                    let cells = cells.each_ref().map(|cell| cell.replace('|', "\\|"));
                    format!("| {} |\n", cells.join(" | "))
                };
                let rows: String = rows.iter().map(line).collect();
                writeln!(
                    text,
                    "{}|---|---|---|\n{rows}",
                    line(&head.map(str::to_owned))
                )
            }
        };
    }
    format!("{}\n", text.trim_end())
}

fn blocks(document: &Value) -> Vec<Block> {
    let mut blocks = vec![
        Block::Heading(1, "IssueCommand over HTTP".to_owned()),
        Block::Text(words(&document["info"]["description"])),
    ];
    for (path, methods) in members(&document["paths"]) {
        for (method, operation) in members(methods) {
            let method = method.to_uppercase();
            blocks.push(Block::Heading(2, format!("{method} {path}")));
            of_operation(document, operation, &mut blocks);
        }
    }
    blocks.push(Block::Heading(2, "Schemas".to_owned()));
    for (name, schema) in members(&document["components"]["schemas"]) {
        blocks.push(Block::Heading(3, name.to_owned()));
        let about = words(&schema["description"]);
        if !about.is_empty() {
            blocks.push(Block::Text(about));
        }
        let variants = schema["anyOf"].as_array().into_iter().flatten();
        for schema in std::iter::once(schema).chain(variants) {
            let rows = fields(schema);
            if !rows.is_empty() {
                blocks.push(Block::Table(["field", "type", "what it is"], rows));
            }
        }
    }
    blocks
}

fn of_operation(document: &Value, operation: &Value, blocks: &mut Vec<Block>) {
    let summary = words(&operation["summary"]);
    let open = if operation["security"] == serde_json::json!([]) {
        " No key is needed."
    } else {
        ""
    };
    blocks.push(Block::Text(format!("{summary}.{open}")));
    let mut rows = Vec::new();
    for given in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolved(document, given);
        let place = words(&parameter["in"]);
        let needed = needed_word(parameter["required"] == true);
        rows.push([
            format!("{} ({place}{needed})", words(&parameter["name"])),
            type_of(&parameter["schema"]),
            words(&parameter["description"]),
        ]);
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    let needed: Vec<_> = body["required"].as_array().into_iter().flatten().collect();
    for (name, schema) in members(&body["properties"]) {
        let needed = needed_word(needed.iter().any(|needed| *needed == name));
        rows.push([
            format!("{name} (body{needed})"),
            type_of(schema),
            words(&schema["description"]),
        ]);
    }
    if !rows.is_empty() {
        blocks.push(Block::Table(["input", "type", "what it is"], rows));
    }
    let answers = members(&operation["responses"]).map(|(status, given)| {
        let answer = resolved(document, given);
        let schema = &answer["content"]["application/json"]["schema"];
        [
            status.to_owned(),
            type_of(schema),
            words(&answer["description"]),
        ]
    });
    blocks.push(Block::Table(
        ["status", "answer", "when"],
        answers.collect(),
    ));
}

fn needed_word(is_needed: bool) -> &'static str {
    if is_needed { ", required" } else { "" }
}

/// The fields of an object.
fn fields(schema: &Value) -> Vec<[String; 3]> {
    let row = |(name, schema): (&str, &Value)| {
        [
            name.to_owned(),
            type_of(schema),
            words(&schema["description"]),
        ]
    };
    members(&schema["properties"]).map(row).collect()
}

/// The type of a value in a few words.
fn type_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        return name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(all) = schema["enum"].as_array() {
        let all: Vec<String> = all.iter().map(words).collect();
        return all.join(", ");
    }
    if let Some(value) = schema.get("const") {
        return words(value);
    }
    for (word, between) in [("allOf", " with "), ("anyOf", " or "), ("oneOf", " or ")] {
        let parts = schema[word].as_array().into_iter().flatten();
        let parts: Vec<String> = parts.map(type_of).filter(|part| part != "object").collect();
        if !parts.is_empty() {
            return parts.join(between);
        }
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("list of {}", type_of(&schema["items"])),
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().map(words).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    }
}

fn resolved<'a>(document: &'a Value, given: &'a Value) -> &'a Value {
    let place = given["$ref"]
        .as_str()
        .and_then(|place| place.strip_prefix('#'));
    place
        .and_then(|place| document.pointer(place))
        .unwrap_or(given)
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}

/// A text on one line.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn anchor(heading: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    heading.chars().map(plain).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
