//! What the tests share: environments of the three systems, servers, texts of clients' files.

use issuecommand_clients::{
    Client, Environment, Kind, Launch, Os, Request, Scope, Server, Target, Variable, targets,
    targets_of_removal,
};

pub(crate) const SYSTEMS: [(Os, &str); 3] = [
    (Os::Linux, "linux"),
    (Os::Mac, "macos"),
    (Os::Windows, "windows"),
];

pub(crate) fn environment(os: Os) -> Environment {
    let (home, project) = match os {
        Os::Linux => ("/home/ada", "/home/ada/src/web"),
        Os::Mac => ("/Users/ada", "/Users/ada/src/web"),
        Os::Windows => (r"C:\Users\Ada L", r"C:\src\web"),
    };
    Environment {
        os,
        home: home.to_owned(),
        config_home: None,
        flatpak_config_home: None,
        claude_config_dir: None,
        codex_home: None,
        copilot_home: None,
        gemini_cli_home: None,
        app_data: (os == Os::Windows).then(|| format!(r"{home}\AppData\Roaming")),
        project: project.to_owned(),
    }
}

pub(crate) fn launch(os: Os) -> Launch {
    let (program, database) = match os {
        Os::Linux => ("/usr/local/bin/issuecommand", "/home/ada/issues.db"),
        Os::Mac => (
            "/opt/homebrew/bin/issuecommand",
            "/Users/ada/Application Data/issues.db",
        ),
        Os::Windows => (
            r"C:\Program Files\issuecommand.exe",
            r"C:\Users\Ada L\issues.db",
        ),
    };
    let variable = |name: &str, kind, is_set| Variable {
        name: name.to_owned(),
        kind,
        is_set,
    };
    Launch {
        program: program.to_owned(),
        args: Vec::new(),
        env: vec![("SQLITE_PATH".to_owned(), database.to_owned())],
        pass: vec![
            variable("GITHUB_TOKEN", Kind::Secret, true),
            // Not yet, but perhaps when the client starts.
            variable("API_KEY", Kind::Secret, false),
            variable("HTTP_PORT", Kind::Setting("4711".to_owned()), true),
            variable("READY_AUTHORS", Kind::Setting("write".to_owned()), true),
            variable("ISSUECOMMAND_AGENT_ID", Kind::OfProcess, false),
            variable("HTTPS_PROXY", Kind::Outside, true),
            variable("GH_CONFIG_DIR", Kind::Outside, false),
        ],
    }
}

pub(crate) fn remote() -> Server {
    remote_on(Os::Linux)
}

fn remote_on(os: Os) -> Server {
    Server::Remote {
        program: launch(os).program,
        url: "https://ic.example.com/mcp".to_owned(),
        key: Some("the-key-itself".to_owned()),
    }
}

pub(crate) fn servers(os: Os) -> [(Server, &'static str); 2] {
    [
        (Server::Stdio(launch(os)), "stdio"),
        (remote_on(os), "remote"),
    ]
}

pub(crate) fn request(client: Client, scope: Scope, server: Server) -> Request {
    Request {
        client,
        scope,
        server,
        hooks: true,
    }
}

/// The files of a client where none is there yet.
pub(crate) fn files(
    client: Client,
    scope: Scope,
    env: &Environment,
    server: Server,
) -> Vec<Target> {
    let found = targets(&request(client, scope, server), env, &|_| false);
    found.map_or_else(|_| Vec::new(), |found| found.files)
}

/// What `uninstall` takes out, where `install` enters the program of [`launch`].
pub(crate) fn removal_of(client: Client, scope: Scope, env: &Environment) -> Vec<Target> {
    targets_of_removal(client, scope, env, &launch(env.os).program)
}
