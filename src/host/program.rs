//! A program in a namespace: started, its output shown, ended with all that it has started.

use std::fs;
use std::io::{self, BufRead, BufReader, PipeReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use tempfile::NamedTempFile;

use super::namespace::Namespace;
use super::report::Ended;
use crate::realtime;

/// How long a program may take to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often we look whether one has ended.
pub const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Where programs look up names.
const NAMES: &str = "/etc/hosts";

/// What is to be run, where.
pub struct Plan<'a> {
    /// Name of the host, which stands before each line of output.
    pub host: &'a str,
    /// For the shell.
    pub command: &'a str,
    /// What the program finds in /etc/hosts.
    pub names: &'a str,
    /// Its output goes to standard error, not to standard output.
    pub to_stderr: bool,
}

/// A program that runs, or has ended by itself. Dropped, it is ended.
pub struct Program {
    host: String,
    child: Child,
    /// It would have gone on.
    was_asked_to_end: bool,
    output: Option<JoinHandle<()>>,
}

impl Plan<'_> {
    pub fn start(self, namespace: &Namespace) -> Result<Program> {
        let Self { host, command, names, to_stderr } = self;
        let (reader, writer) = io::pipe().context("a pipe")?;
        let child = namespace.enter(|| {
            show_names(names).with_context(|| format!("{NAMES} with the names of the hosts"))?;
            // It is the network that must not wait for programs.
            realtime::give_up()?;
            let mut shell = Command::new("sh");
            shell.args(["-c", command]).env("ACKRIDE_HOST", host).stdin(Stdio::null());
            shell.stdout(writer.try_clone()?).stderr(writer);
            // A group of its own, so that we can end all of it.
            shell.process_group(0).spawn().with_context(|| format!("starting sh -c '{command}'"))
        })?;
        let host = host.to_owned();
        let prefix = format!("{host}: ");
        let output = Some(thread::spawn(move || show(reader, &prefix, to_stderr)));
        Ok(Program { host, child, was_asked_to_end: false, output })
    }
}

/// Lets this thread and what it starts see other names: by a mount that nobody else sees, which
/// goes with the last of them.
fn show_names(names: &str) -> Result<()> {
    unshare(CloneFlags::CLONE_NEWNS).context("a mount namespace")?;
    let nothing = None::<&Path>;
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)
        .context("a mount namespace of its own")?;
    // Mounted, the file remains when its name is gone.
    let file = NamedTempFile::new().context("a temporary file")?;
    fs::write(file.path(), names)?;
    mount(Some(file.path()), NAMES, nothing, MsFlags::MS_BIND, nothing).context("a mount")?;
    Ok(())
}

impl Program {
    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Whether it has ended. It remains a zombie, so that nobody else gets its number.
    pub fn has_ended(&self) -> bool {
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        !matches!(waitid(Id::Pid(self.pid()), flags), Ok(WaitStatus::StillAlive))
    }

    /// Asks it and all that it has started to end.
    pub fn ask_to_end(&mut self) {
        self.was_asked_to_end |= !self.has_ended();
        // Whoever is gone already need not be told.
        let _ = killpg(self.pid(), Signal::SIGTERM);
    }

    /// Ends it, if it has not, with all that it has started, and shows the rest of its output.
    pub fn end(&mut self) -> Result<Ended> {
        self.ask_to_end();
        let deadline = Instant::now() + PATIENCE;
        while !self.has_ended() && Instant::now() < deadline {
            thread::sleep(LOOK_EVERY);
        }
        let _ = killpg(self.pid(), Signal::SIGKILL);
        let status = self.child.wait().context("waiting for a program's end")?;
        if let Some(output) = self.output.take() {
            output.join().expect("it does not panic");
        }
        Ok(Ended {
            host: self.host.clone(),
            exit_code: status.code(),
            ended_by_us: self.was_asked_to_end,
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.output.is_some() {
            // Another error is told already.
            let _ = self.end();
        }
    }
}

/// Shows output line by line, as long as there is some and somebody reads ours.
fn show(from: PipeReader, prefix: &str, to_stderr: bool) {
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let line = [prefix.as_bytes(), &line, b"\n"].concat();
        let _ =
            if to_stderr { io::stderr().write_all(&line) } else { io::stdout().write_all(&line) };
    }
}
