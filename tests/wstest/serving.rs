//! A fuzzing server in a folder with a spec file, and clients that drive themselves as the tests of projects do.

use crate::bench::Bench;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use tokio::runtime::Runtime;
use url::Url;
use wsspec::drive::Trust;
use wsspec::peer::{ClientError, echo_client, first_text};

/// A fuzzing server, until it is dropped.
pub struct Serving {
    child: Child,
    told: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
    base: String,
    runtime: Runtime,
}

impl Serving {
    /// Calls wstest in the folder, where the spec file has the port 0, and waits for the line for which gun waits too.
    pub fn start(bench: &Bench, args: &[&str]) -> Serving {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wsspec"))
            .arg("wstest")
            .args(args)
            .current_dir(bench.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut first = Vec::new();
        loop {
            let line = lines.next().expect("it says that it is ready").unwrap();
            let is_ready = line.starts_with("Ok, will run");
            first.push(line);
            if is_ready {
                break;
            }
        }
        let port = port(&first).expect("it says where it listens");
        let told = Arc::new(Mutex::new(first));
        let more = Arc::clone(&told);
        let reader =
            thread::spawn(move || lines.map_while(Result::ok).for_each(|line| more.lock().unwrap().push(line)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Serving { child, told, reader: Some(reader), base: format!("ws://127.0.0.1:{port}"), runtime }
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.base)).unwrap()
    }

    /// The text at a path.
    pub fn text(&self, path: &str) -> String {
        self.runtime.block_on(first_text(&self.url(path))).unwrap()
    }

    /// Sends back every message at a path.
    pub fn echo(&self, path: &str) -> Result<(), ClientError> {
        self.runtime.block_on(echo_client(&self.url(path), &Trust::default()))
    }

    /// As most drivers go about it: count, run each by number, ask for the reports.
    pub fn drive(&self, agent: &str) {
        let count: usize = self.text("/getCaseCount").parse().unwrap();
        for number in 1..=count {
            self.echo(&format!("/runCase?case={number}&agent={agent}")).unwrap();
        }
        self.echo(&format!("/updateReports?agent={agent}")).unwrap();
    }

    /// The lines that it printed so far.
    pub fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }

    /// Waits until it ends by itself, and tells its exit code.
    pub fn ended(mut self) -> (Option<i32>, Vec<String>) {
        let status = self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        (status.code(), self.told())
    }
}

/// The port of the line that ends with `(Port N)`.
fn port(lines: &[String]) -> Option<u16> {
    lines.iter().find_map(|line| line.rsplit_once("(Port ")?.1.strip_suffix(')')?.parse().ok())
}

impl Drop for Serving {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
