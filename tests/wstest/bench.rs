//! A folder with a spec file, and the reference server to test.

use crate::command::wsspec;
use serde_json::Value;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Output;
use std::sync::mpsc;
use std::thread;
use tempfile::TempDir;
use wsspec::peer::{EchoServer, QuirkServer};

fn serving<S, B>(bind: B) -> u16
where
    B: Future<Output = (u16, S)> + Send + 'static,
    S: Future<Output = ()>,
{
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (port, serve) = bind.await;
            sender.send(port).unwrap();
            serve.await;
        });
    });
    receiver.recv().unwrap()
}

/// The port of a reference server, which serves until the test process ends.
pub fn echo_server() -> u16 {
    serving(async {
        let server = EchoServer::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        (server.local_addr().port(), server.serve())
    })
}

/// The same for a server with a quirk.
pub fn quirky(name: &'static str) -> u16 {
    serving(async move {
        let server = QuirkServer::bind((Ipv4Addr::LOCALHOST, 0).into(), name).await.unwrap();
        (server.local_addr().port(), server.serve())
    })
}

/// A folder in which wstest is called.
pub struct Bench {
    pub folder: TempDir,
    pub port: u16,
}

impl Bench {
    pub fn new() -> Bench {
        Bench { folder: tempfile::tempdir().unwrap(), port: echo_server() }
    }

    /// Writes a file; `PORT` in it becomes the port of the server.
    pub fn file(self, name: &str, text: &str) -> Bench {
        std::fs::write(self.folder.path().join(name), text.replace("PORT", &self.port.to_string())).unwrap();
        self
    }

    /// Calls `wsspec wstest`.
    pub fn call(&self, args: &[&str]) -> Output {
        wsspec(["wstest"]).args(args).current_dir(self.folder.path()).output().unwrap()
    }

    /// Calls it and expects a finished run; the standard output comes back.
    pub fn run(&self, args: &[&str]) -> String {
        let output = self.call(args);
        let told = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{told}{}", String::from_utf8_lossy(&output.stderr));
        told
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|fault| panic!("{name}: {fault}"))
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).unwrap()
    }
}
