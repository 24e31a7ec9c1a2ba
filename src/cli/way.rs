//! The way to a target: where it listens, or what starts it.

use super::UserError;
use super::session_args::SessionArgs;
use crate::drive::tls::Tls;
use crate::drive::{Call, Certificates, Endpoint, Secure, Spawned, Task, TlsOptions};
use crate::run::schedule::SpawnPlan;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long a target that was started may take until it listens, before scaling.
const LISTENS: Duration = Duration::from_secs(30);
/// How long is looked for a target that listens although it was not started yet.
const LISTENS_ALREADY: Duration = Duration::from_millis(200);

/// What stands in the command of a client for the file of the authority to trust.
const CA: &str = "{ca}";

/// How the target is started, and the process, where the harness starts it.
pub type SpawnedTarget = Option<(SpawnPlan, Option<Spawned>)>;

/// How the target is reached.
pub enum Way {
    /// It listens here.
    Url(Url, Option<Tls>),
    /// These words start it.
    Command(Vec<String>),
    /// The same, and it comes through TLS; `{ca}` in the words stands for whom it is to trust.
    Secured(Vec<String>),
    /// It is a task of this process; these words would start the same.
    Task(Vec<String>, Task),
}

impl Way {
    /// To a server that listens at a URL.
    pub fn to_server(args: &SessionArgs, url: Url) -> Result<Way, UserError> {
        let options = TlsOptions { ca: args.ca.clone(), insecure: args.insecure, sni: args.sni.clone() };
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let tls = if url.scheme() == "wss" { Some(Tls::new(&options, host)?) } else { None };
        Ok(Way::Url(url, tls))
    }

    /// The same way through TLS, with an authority that is made for the run.
    pub fn through_tls(self) -> Result<Way, UserError> {
        match self {
            Way::Command(words) if words.iter().any(|word| word.contains(CA)) => Ok(Way::Secured(words)),
            _ => Err(UserError(format!(
                "could not use --tls: {CA} has to stand in the command for the file of the authority to trust"
            ))),
        }
    }

    /// The URL of the target, or the command that starts it.
    pub fn place(&self) -> String {
        match self {
            Way::Url(url, _) => url.to_string(),
            Way::Command(words) | Way::Secured(words) | Way::Task(words, _) => words.join(" "),
        }
    }

    /// Finds the address of the target, and starts it where that is asked for.
    ///
    /// `resource` is what stands in the URL of a client; what a target prints goes into a file in `folder`.
    pub async fn reach(
        &self,
        args: &SessionArgs,
        resource: &str,
        folder: &Path,
    ) -> Result<(Endpoint, SpawnedTarget), String> {
        let (url, tls) = match self {
            Way::Url(url, tls) => (url, tls),
            Way::Command(words) => {
                let output = folder.join("target.log");
                let endpoint = Endpoint::of_command(words.clone(), resource.to_owned(), output);
                return Ok((endpoint, None));
            }
            Way::Secured(words) => {
                let certificates = Certificates::new().map_err(|fault| fault.to_string())?;
                let file = folder.join("authority.pem");
                std::fs::write(&file, certificates.authority())
                    .map_err(|fault| format!("could not write {}: {fault}", file.display()))?;
                let words = words.iter().map(|word| word.replace(CA, &file.to_string_lossy())).collect();
                let call = Call::new(words, resource.to_owned(), folder.join("target.log"));
                let call = call.secured(Secure { certificates, everywhere: true });
                return Ok((Endpoint::Client(Arc::new(call)), None));
            }
            Way::Task(_, task) => return Ok((Endpoint::of_task(task.clone(), resource.to_owned()), None)),
        };
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(80);
        let endpoint = Endpoint::resolve(host, port, tls.clone()).await.map_err(|fault| fault.to_string())?;
        let Some(command) = &args.spawn else { return Ok((endpoint, None)) };
        if endpoint.accepts(LISTENS_ALREADY).await {
            return Err(format!("something listens on port {port} already, so `{command}` was not started"));
        }
        let plan = SpawnPlan {
            command: command.clone(),
            output: folder.join("target.log"),
            limit: LISTENS.mul_f64(args.timeout_scale),
        };
        let spawned = plan.start(&endpoint).await.map_err(|fault| fault.to_string())?;
        Ok((endpoint, Some((plan, Some(spawned)))))
    }
}
