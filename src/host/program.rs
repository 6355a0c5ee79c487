//! A program in a namespace: started, its output shown, ended with all that it has started.

use std::io::{self, BufRead, BufReader, PipeReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use super::namespace::Namespace;

/// How long a program may take to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often we look whether one has ended.
pub const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What is to be run, where.
pub struct Plan<'a> {
    /// Stands before each line of its output.
    pub host: String,
    /// For the shell.
    pub command: &'a str,
    /// Names and values.
    pub environment: Vec<(&'static str, String)>,
    /// Its output goes to standard error, not to standard output.
    pub to_stderr: bool,
}

/// A program that runs, or has ended by itself. Dropped, it is ended.
pub struct Program {
    pub host: String,
    child: Child,
    output: Option<JoinHandle<()>>,
}

impl Plan<'_> {
    pub fn start(self, namespace: &Namespace) -> Result<Program> {
        let Self { host, command, environment, to_stderr } = self;
        let (reader, writer) = io::pipe().context("a pipe")?;
        let child = namespace.enter(|| {
            let mut shell = Command::new("sh");
            shell.args(["-c", command]).envs(environment).stdin(Stdio::null());
            shell.stdout(writer.try_clone()?).stderr(writer);
            // A group of its own, so that we can end all of it.
            shell.process_group(0).spawn().with_context(|| format!("starting sh -c '{command}'"))
        })?;
        let name = host.clone();
        let output = Some(thread::spawn(move || show(reader, &name, to_stderr)));
        Ok(Program { host, child, output })
    }
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

    /// Waits until it has ended by itself, or for so long.
    pub fn wait(&self, at_most: Duration) {
        let deadline = Instant::now() + at_most;
        while !self.has_ended() && Instant::now() < deadline {
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Ends it, all it has started, and its output. How it ended, if it did so by itself.
    pub fn end(&mut self) -> Result<Option<ExitStatus>> {
        let by_itself = self.has_ended();
        // Gone already is as good.
        let _ = killpg(self.pid(), Signal::SIGTERM);
        self.wait(PATIENCE);
        let _ = killpg(self.pid(), Signal::SIGKILL);
        let status = self.child.wait().context("waiting for a program's end")?;
        if let Some(output) = self.output.take() {
            output.join().expect("it does not panic");
        }
        Ok(by_itself.then_some(status))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.output.is_some() {
            // There is an error already that is told.
            let _ = self.end();
        }
    }
}

/// Shows a program's output line by line, as long as there is some and somebody reads ours.
fn show(from: PipeReader, host: &str, to_stderr: bool) {
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let line = format!("{host}: {}\n", String::from_utf8_lossy(&line));
        let _ = match to_stderr {
            true => io::stderr().write_all(line.as_bytes()),
            false => io::stdout().write_all(line.as_bytes()),
        };
    }
}
