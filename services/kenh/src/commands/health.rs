//! `kenh health`

use std::time::Duration;

use crate::{cli::Health, failure::Failure};

pub(crate) async fn run(arguments: &Health) -> Result<(), Failure> {
    let url = format!("{}/readyz", arguments.admin.trim_end_matches('/'));
    let unreachable = |error: reqwest::Error| Failure::runtime(format!("{url}: {error}"));
    let client = reqwest::Client::builder().timeout(Duration::from_secs(3)).build().map_err(unreachable)?;
    let answer = client.get(&url).send().await.map_err(unreachable)?;
    let ready = answer.status().is_success();
    let report = answer.text().await.map_err(unreachable)?;
    if ready {
        print!("{report}");
        Ok(())
    } else {
        Err(Failure::runtime(report))
    }
}
