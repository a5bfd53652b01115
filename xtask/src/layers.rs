//! Checks the manifests against the layer table of the architecture.
//!
//! Only direct dependencies are checked, and every kind except `dev`, because a test may use two layers. The exception is
//! [`table::NEVER`], which also covers tests and indirect dependencies.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::repo::{self, Outcome};
use table::{Crate, NEVER, OWN, RESERVED};

pub(crate) fn run() -> Outcome {
    repo::verdict("layers", &check(&manifests()?)?)
}

/// The metadata of the workspace's own manifests; needs no network and resolves nothing.
fn manifests() -> Outcome<Value> {
    let mut cargo = repo::cargo(&["metadata", "--format-version=1", "--no-deps", "--offline"]);
    serde_json::from_str(&repo::stdout_of(&mut cargo)?)
        .map_err(|error| format!("cargo metadata is no JSON: {error}"))
}

/// A package of the workspace with its dependencies.
struct Package {
    name: String,
    /// Normal and build dependencies.
    normal: BTreeSet<String>,
    dev: BTreeSet<String>,
}

/// Every violation, each a sentence that names the manifest to change. Fails on unknown metadata.
fn check(metadata: &Value) -> Outcome<Vec<String>> {
    let packages = packages(metadata).ok_or("cargo metadata has another shape than it had")?;
    let own: BTreeSet<&str> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut found = Vec::new();
    for package in &packages {
        match OWN.iter().find(|row| row.name == package.name) {
            Some(row) => found.extend(against_row(package, row, &own)),
            None => found.push(format!(
                "{}: a new package; give it a row in xtask/src/layers/table.rs",
                package.name
            )),
        }
        found.extend(against_reserved(package));
    }
    found.extend(never(&packages));
    Ok(found)
}

fn packages(metadata: &Value) -> Option<Vec<Package>> {
    metadata["packages"]
        .as_array()?
        .iter()
        .map(package)
        .collect()
}

fn package(value: &Value) -> Option<Package> {
    let mut package = Package {
        name: value["name"].as_str()?.to_owned(),
        normal: BTreeSet::new(),
        dev: BTreeSet::new(),
    };
    for dependency in value["dependencies"].as_array()? {
        let name = dependency["name"].as_str()?.to_owned();
        match dependency["kind"].as_str() {
            Some("dev") => package.dev.insert(name),
            // `null` is a normal dependency, the other kind is `build`.
            _ => package.normal.insert(name),
        };
    }
    Some(package)
}

fn against_row(package: &Package, row: &Crate, own: &BTreeSet<&str>) -> Vec<String> {
    let mut found = Vec::new();
    for used in &package.normal {
        let (may, of) = if own.contains(used.as_str()) {
            (Some(row.own), "of the workspace")
        } else {
            (row.outside, "from outside")
        };
        if let Some(names) = may
            && !names.contains(&used.as_str())
        {
            let names = if names.is_empty() {
                "nothing".to_owned()
            } else {
                names.join(", ")
            };
            found.push(format!(
                "{}: must not use {used}; {of} it may use {names} ({})",
                row.name, row.is
            ));
        }
    }
    found
}

fn against_reserved(package: &Package) -> Vec<String> {
    RESERVED
        .iter()
        .filter(|row| {
            package.normal.contains(row.outside) && !row.only.contains(&package.name.as_str())
        })
        .map(|row| {
            format!(
                "{}: must not use {} directly; only {} may: {}",
                package.name,
                row.outside,
                row.only.join(", "),
                row.why
            )
        })
        .collect()
}

fn never(packages: &[Package]) -> Vec<String> {
    let by_name: BTreeMap<&str, &Package> = packages
        .iter()
        .map(|package| (package.name.as_str(), package))
        .collect();
    let mut found = Vec::new();
    for row in NEVER {
        let Some(first) = by_name.get(row.name) else {
            continue;
        };
        let mut seen = BTreeSet::new();
        let mut open: Vec<(&str, String)> = first
            .normal
            .union(&first.dev)
            .map(|used| (used.as_str(), format!("{} → {used}", row.name)))
            .collect();
        while let Some((name, path)) = open.pop() {
            if name == row.must_not_reach {
                found.push(format!(
                    "{}: must not reach {name}, not even in tests: {path}; {}",
                    row.name, row.why
                ));
                continue;
            }
            // The dev dependencies of a used crate are not built.
            if let Some(package) = by_name.get(name)
                && seen.insert(name)
            {
                open.extend(
                    package
                        .normal
                        .iter()
                        .map(|used| (used.as_str(), format!("{path} → {used}"))),
                );
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Metadata of packages, each with its dependencies as (name, kind), where kind is "normal", "dev" or "build".
    fn metadata(packages: &[(&str, &[(&str, &str)])]) -> Value {
        let packages: Vec<Value> = packages
            .iter()
            .map(|(name, dependencies)| {
                let dependencies: Vec<Value> = dependencies
                    .iter()
                    .map(|(name, kind)| json!({ "name": name, "kind": (*kind != "normal").then_some(kind) }))
                    .collect();
                json!({ "name": name, "dependencies": dependencies })
            })
            .collect();
        json!({ "packages": packages })
    }

    fn found(packages: &[(&str, &[(&str, &str)])]) -> Vec<String> {
        check(&metadata(packages)).unwrap()
    }

    #[test]
    fn this_workspace_keeps_the_table() {
        let real = manifests().unwrap();
        assert_eq!(check(&real).unwrap(), Vec::<String>::new());
        assert!(
            packages(&real)
                .unwrap()
                .iter()
                .any(|package| package.name == "issuecommand-core")
        );
    }

    #[test]
    fn an_adapter_knows_no_other_adapter() {
        let wrong = found(&[
            (
                "issuecommand-http",
                &[
                    ("issuecommand-core", "normal"),
                    ("issuecommand-github", "normal"),
                ],
            ),
            ("issuecommand-core", &[]),
            ("issuecommand-github", &[("issuecommand-core", "normal")]),
        ]);
        assert_eq!(wrong.len(), 1, "{wrong:#?}");
        assert!(wrong[0].starts_with(
            "issuecommand-http: must not use issuecommand-github; of the workspace it may use"
        ));
    }

    #[test]
    fn the_core_stays_pure() {
        for outside in ["tokio", "sqlx", "serde_json", "reqwest", "rand"] {
            for kind in ["normal", "build"] {
                let wrong = found(&[("issuecommand-core", &[(outside, kind)])]);
                assert!(
                    wrong
                        .iter()
                        .any(|why| why.starts_with("issuecommand-core: must not use")),
                    "{outside} {kind}"
                );
            }
        }
        assert_eq!(
            found(&[(
                "issuecommand-core",
                &[("serde", "normal"), ("serde_json", "dev")]
            )]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn an_outside_crate_stays_with_its_owner() {
        let wrong = found(&[("issuecommand-app", &[("sqlx", "normal")])]);
        assert_eq!(wrong.len(), 1, "{wrong:#?}");
        assert!(wrong[0].starts_with(
            "issuecommand-app: must not use sqlx directly; only issuecommand-store-sql"
        ));
        assert_eq!(
            found(&[("issuecommand-app", &[("sqlx", "dev")])]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_emulator_never_meets_the_client() {
        let github = (
            "issuecommand-github",
            &[("issuecommand-core", "normal")][..],
        );
        let directly = found(&[
            (
                "issuecommand-github-emulator",
                &[("issuecommand-github", "dev")],
            ),
            github,
        ]);
        assert_eq!(directly.len(), 1, "{directly:#?}");
        assert!(directly[0].contains("not even in tests"));
        let through_another = found(&[
            (
                "issuecommand-github-emulator",
                &[("issuecommand-app", "dev")],
            ),
            ("issuecommand-app", &[("issuecommand-github", "normal")]),
            github,
        ]);
        assert_eq!(through_another.len(), 1, "{through_another:#?}");
        assert!(
            through_another[0]
                .contains("issuecommand-github-emulator → issuecommand-app → issuecommand-github")
        );
        // The tests of a used crate are not built with the emulator.
        let beside = found(&[
            (
                "issuecommand-github-emulator",
                &[("issuecommand-store", "dev")],
            ),
            ("issuecommand-store", &[("issuecommand-github", "dev")]),
            github,
        ]);
        assert_eq!(beside, Vec::<String>::new());
    }

    #[test]
    fn a_new_package_needs_a_row() {
        assert!(found(&[("issuecommand-slack", &[])])[0].contains("a row in"));
    }

    #[test]
    fn unexpected_metadata_fails() {
        assert!(check(&json!({ "packages": [{ "name": "issuecommand-core" }] })).is_err());
        assert!(check(&json!({})).is_err());
    }

    #[test]
    fn the_table_is_consistent() {
        let names: BTreeSet<&str> = OWN.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), OWN.len(), "two rows of one crate");
        for name in RESERVED.iter().flat_map(|row| row.only).chain(
            NEVER
                .iter()
                .flat_map(|row| [&row.name, &row.must_not_reach]),
        ) {
            assert!(names.contains(name), "{name} has no row");
        }
    }
}
