//! The first start on a database written by the legacy service itself, found by `ISSUECOMMAND_TEST_DATA`.

use std::path::PathBuf;

use issuecommand_testkit::machine::skipped;

use crate::harness::{Http, PATIENCE, Process, Program, Site};

#[test]
fn the_first_start_takes_over_the_earlier_services_database() {
    let Some(data) = std::env::var_os("ISSUECOMMAND_TEST_DATA").map(PathBuf::from) else {
        skipped("ISSUECOMMAND_TEST_DATA is not set, the folder with old-service.db");
        return;
    };
    let site = Site::with_issues("acme/api", 6);
    let from = data.join("old-service-wal").join("issuecommand.db");
    for suffix in ["", "-wal"] {
        let to = site.folder().join(format!("issuecommand.db{suffix}"));
        std::fs::copy(format!("{}{suffix}", from.display()), &to).unwrap();
        let mut free = std::fs::metadata(&to).unwrap().permissions();
        #[expect(clippy::permissions_set_readonly_false, reason = "a file of the test")]
        free.set_readonly(false);
        std::fs::set_permissions(&to, free).unwrap();
    }
    // Three at once, as clients start them.
    let starts = || site.program(Program::Combined).start();
    let mut services = [starts(), starts(), starts()];
    let addresses = services.each_mut().map(Process::address);
    let told: usize = services
        .iter()
        .map(|service| service.logged("moved over").len())
        .sum();
    assert_eq!(told, 1, "it was logged by {told}");
    for address in addresses {
        let http = Http::at(&address);
        // First known only by its name, and offered as soon as it is requested.
        let repos = http.get("/api/repos").body;
        assert_eq!(repos["repos"][0]["full_name"], "acme/api", "{repos:#}");
        let claims = http.get("/api/claims?agent_id=claude-code-2").body;
        let ids: Vec<_> = claims["claims"]
            .as_array()
            .unwrap()
            .iter()
            .map(|claim| claim["claim_id"].as_str().unwrap().to_owned())
            .collect();
        assert!(
            ids.contains(&"3b2fed5c-6ef9-468e-94e6-04bd85f13736".to_owned()),
            "{claims:#}"
        );
        let health = http.get("/api/health").body;
        assert_eq!(health["health"]["total_claims"], 7, "{health:#}");
    }
    for service in &mut services {
        service.signal("TERM");
        assert!(service.wait_for_end(PATIENCE).success());
    }
    assert!(site.folder().join("issuecommand.db.old-service").exists());
    site.assert_sound();
}
