//! `issuecommand completions` and `issuecommand man`: made of the command line itself.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use crate::cli::fail;
use crate::error::AppError;
use crate::output::{print, tell};

/// For which shell.
#[derive(Args, Clone, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Where the pages go.
#[derive(Args, Clone, Debug)]
pub struct ManArgs {
    /// Write a page for each command to this folder, instead of the first one to standard output
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

/// Prints the completions of a command line.
pub fn completions(args: &CompletionsArgs, mut command: Command) -> ExitCode {
    let name = command.get_name().to_owned();
    let mut text = Vec::new();
    generate(args.shell, &mut command, name, &mut text);
    ended(print(&String::from_utf8_lossy(&text)))
}

/// Prints or writes the manual pages of a command line.
pub fn man(args: &ManArgs, mut command: Command) -> ExitCode {
    let Some(folder) = &args.dir else {
        return ended(page(&command).and_then(|page| print(&String::from_utf8_lossy(&page))));
    };
    command.build();
    let mut pages = 0;
    let written = fs::create_dir_all(folder)
        .map_err(|cause| unwritten(folder, cause))
        .and_then(|()| {
            pages_of(&command, command.get_name(), &mut |name, command| {
                pages += 1;
                let path = folder.join(format!("{name}.1"));
                let text = page(command)?;
                let mut file = fs::File::create(&path).map_err(|cause| unwritten(&path, cause))?;
                file.write_all(&text)
                    .map_err(|cause| unwritten(&path, cause))
            })
        });
    ended(written.and_then(|()| tell(&format!("{pages} pages are in {}", folder.display()))))
}

/// Every command that is shown, with its name as a page.
fn pages_of(
    command: &Command,
    name: &str,
    each: &mut dyn FnMut(&str, &Command) -> Result<(), AppError>,
) -> Result<(), AppError> {
    each(name, command)?;
    for inner in command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set() && inner.get_name() != "help")
    {
        pages_of(inner, &format!("{name}-{}", inner.get_name()), each)?;
    }
    Ok(())
}

fn page(command: &Command) -> Result<Vec<u8>, AppError> {
    let mut page = Vec::new();
    let rendered = Man::new(command.clone()).render(&mut page);
    rendered.map_err(|cause| AppError::Io {
        what: "a manual page cannot be made".to_owned(),
        cause,
    })?;
    Ok(page)
}

fn unwritten(path: &Path, cause: std::io::Error) -> AppError {
    AppError::Io {
        what: format!("{} cannot be written", path.display()),
        cause,
    }
}

fn ended(result: Result<(), AppError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}
