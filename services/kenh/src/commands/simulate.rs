//! `kenh simulate`

use std::sync::Arc;

use kenh_intake::Endpoint;

use crate::{
    cli::Simulate,
    config::{self, Config},
    failure::Failure,
    samples,
};

pub(crate) async fn run(arguments: Simulate) -> Result<(), Failure> {
    let registration = samples::registration(&arguments.channel)?;
    let Some(event) = &arguments.event else {
        registration.samples.iter().for_each(|sample| println!("{}", sample.name));
        return Ok(());
    };
    let sample = registration.sample(event).ok_or_else(|| {
        Failure::usage(format!("{0} has no sample {event}; `kenh simulate {0}` lists them", arguments.channel))
    })?;
    let config = config::load(arguments.file.config.as_deref(), &[])?;
    let endpoint = endpoint(&config, &arguments)?;
    let base = arguments.to.unwrap_or_else(|| format!("http://{}", config.ingress.listen));
    let url = format!("{}/v1/webhooks/{}/{}", base.trim_end_matches('/'), endpoint.channel, endpoint.name);
    let client = reqwest::Client::new();
    for _ in 0..arguments.count {
        let body = if arguments.exact { sample.body.to_owned() } else { samples::renewed(sample, registration.fresh) };
        let status = samples::post(&client, &url, &*endpoint.connector, sample, body).await;
        let status = status.map_err(|error| Failure::runtime(format!("cannot post: {error}")))?;
        if !status.is_success() {
            return Err(Failure::runtime(format!("{url} answered {status}")));
        }
        println!("{} {event}: {status}", endpoint.channel);
    }
    Ok(())
}

fn endpoint(config: &Config, arguments: &Simulate) -> Result<Arc<Endpoint>, Failure> {
    let channel = &arguments.channel;
    let mut of_channel = config.endpoints.iter().filter(|endpoint| endpoint.channel == channel);
    match (&arguments.endpoint, of_channel.next(), of_channel.next()) {
        (Some(name), ..) => config
            .endpoints
            .find(channel, name)
            .ok_or_else(|| Failure::usage(format!("--endpoint: the configuration has no channels.{channel}.{name}"))),
        (None, Some(only), None) => Ok(only.clone()),
        (None, Some(_), Some(_)) => {
            Err(Failure::usage(format!("{channel} has several endpoints, name one with --endpoint")))
        }
        (None, None, _) => Err(Failure::usage(format!("the configuration has no endpoint under channels.{channel}"))),
    }
}
