//! A dispatcher killed at every step of a send. The database holds it at the step: a trigger waits there until it is let go.

use kenh_proto::v1::{Envelope, ListEventsRequest, SendState, envelope::Payload};
use kenh_tests::{
    gateway::{Gateway, PAGE, Setup},
    leaks::MARK,
    outbound::{person, say, send, until_state},
    postgres::Cluster,
    provider::{Manner, Provider},
    proxy::{Network, Proxy},
    stream::{self, envelope},
    until,
    webhook::{messenger, messenger_batch, millis},
};
use serde_json::json;

use super::DISPATCH;

/// Holds whoever comes to the step that the table `held` names, and says so by a sequence, which no rollback takes back.
const GATE: &str = "CREATE TABLE held (step text); CREATE SEQUENCE reached; \
    CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
      IF EXISTS (SELECT 1 FROM held WHERE step = TG_ARGV[0]) THEN PERFORM nextval('reached'); \
        WHILE EXISTS (SELECT 1 FROM held WHERE step = TG_ARGV[0]) LOOP PERFORM pg_sleep(0.02); END LOOP; END IF; \
      RETURN NEW; END $$; \
    CREATE TRIGGER gate_turn BEFORE UPDATE ON kenh_outbound FOR EACH ROW \
      WHEN (OLD.phase = 0 AND NEW.phase = 1) EXECUTE FUNCTION gate('turn'); \
    CREATE TRIGGER gate_intent BEFORE UPDATE ON kenh_outbound FOR EACH ROW \
      WHEN (OLD.phase = 1 AND NEW.phase = 1 AND OLD.record <> NEW.record) EXECUTE FUNCTION gate('intent'); \
    CREATE TRIGGER gate_answer BEFORE INSERT ON kenh_given FOR EACH ROW EXECUTE FUNCTION gate('answer'); \
    CREATE TRIGGER gate_event BEFORE INSERT ON kenh_claim FOR EACH ROW EXECUTE FUNCTION gate('event'); \
    CREATE TRIGGER gate_end BEFORE UPDATE ON kenh_outbound FOR EACH ROW \
      WHEN (NEW.phase = 2 AND OLD.phase = 1) EXECUTE FUNCTION gate('end')";
const WAIT: &str =
    "DO $$ BEGIN WHILE NOT (SELECT is_called FROM reached) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$";
/// The leases of the dead are over.
const TIME_GOES_BY: &str = "DELETE FROM held; UPDATE kenh_lease SET lease_until = 0; \
    UPDATE kenh_outbound SET lease_until = 0 WHERE phase = 1; UPDATE kenh_claim SET lapses_at = 0 WHERE lapses_at > 0";

/// Where it is held, how it ends, and how often the channel was given the message.
const STEPS: [(&str, SendState, usize); 7] = [
    // Its turn is being taken.
    ("turn", SendState::Accepted, 1),
    // That it is being called is being written.
    ("intent", SendState::Accepted, 1),
    // That is written, and nothing of the call arrives.
    ("before the call", SendState::Unknown, 0),
    // The channel has taken it, and has not answered.
    ("in the call", SendState::Unknown, 1),
    // The channel has answered, and that is being written.
    ("answer", SendState::Unknown, 1),
    // That is written, and being told.
    ("event", SendState::Accepted, 1),
    // It was told, and the end is being written.
    ("end", SendState::Accepted, 1),
];

struct World {
    database: Cluster,
    provider: Provider,
    network: Proxy,
    setup: Setup,
    gateway: Gateway,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let (folder, database, provider) =
            (tempfile::tempdir().unwrap(), Cluster::start().await, Provider::start().await);
        let network = Proxy::start(provider.port()).await;
        let store = format!("store:\n  engine: postgres\n  postgres:\n    url: {}\n    timeout: 30s\n", database.url());
        let url = format!("http://127.0.0.1:{}", network.port());
        let dispatch = DISPATCH.replace("timeout: 1s", "timeout: 20s");
        let setup = Setup::embedded(folder.path()).with(&store).with(&dispatch).answering(&url);
        let gateway = setup.clone().start().await;
        database.sql(GATE).await;
        Self { database, provider, network, setup, gateway, _folder: folder }
    }

    /// Sends a message to its end though the dispatcher is killed at a step. Its id.
    async fn killed_at(&mut self, step: &str) -> String {
        let (before, asked) = (self.provider.received().len(), self.network.asked());
        match step {
            "before the call" => self.network.set(Network::Silent),
            "in the call" => self.provider.next([Manner::TakenInSilence]),
            _ => {
                self.database.sql(&format!("ALTER SEQUENCE reached RESTART; INSERT INTO held VALUES ('{step}')")).await;
            }
        }
        let sent = send(&self.gateway, say(person(&number(step)), &key(step), &words(step))).await.unwrap();
        match step {
            // That it is called is on disk before the call begins.
            "before the call" => until("it is called", || async { self.network.asked() > asked }).await,
            "in the call" => until("it is called", || async { self.provider.received().len() > before }).await,
            _ => self.database.sql(WAIT).await,
        }
        self.gateway.kill().await;
        self.network.forget();
        self.network.set(Network::Up);
        self.database.sql(TIME_GOES_BY).await;
        self.gateway = self.setup.clone().start().await;
        sent.id
    }

    fn times(&self, step: &str) -> usize {
        self.provider.texts().iter().filter(|text| **text == words(step)).count()
    }
}

fn key(step: &str) -> String {
    step.replace(' ', "-")
}

fn words(step: &str) -> String {
    format!("{MARK} {step}")
}

/// A person for each step.
fn number(step: &str) -> String {
    let place = STEPS.iter().position(|(name, ..)| *name == step).unwrap();
    format!("66010{place}")
}

/// States that were told of a message, in their order.
async fn told(gateway: &Gateway, id: &str) -> Vec<SendState> {
    let listed = stream::list(gateway, ListEventsRequest::default()).await;
    let states = listed.iter().filter_map(|delivery| match envelope(delivery) {
        Envelope { payload: Some(Payload::MessageStatus(status)), .. } if status.message_id == id => {
            Some(status.state())
        }
        _ => None,
    });
    states.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatcher_killed_at_any_step_sends_nothing_twice() {
    let mut world = World::new().await;
    let mut ids = Vec::new();
    for (step, state, times) in STEPS {
        let id = world.killed_at(step).await;
        until_state(&world.gateway, &id, state).await;
        assert_eq!(world.times(step), times, "{step}");
        ids.push(id);
    }
    // The channel tells of what it took: its echo names our reference.
    for (step, ..) in STEPS.iter().filter(|(_, state, times)| *state == SendState::Unknown && *times == 1) {
        let call = world.provider.received().into_iter().find(|call| call.text() == Some(words(step))).unwrap();
        let echo = json!({"sender": {"id": PAGE}, "recipient": {"id": number(step)}, "timestamp": millis(),
            "message": {"mid": format!("m_echo_{}", key(step)), "is_echo": true, "text": words(step),
                "metadata": call.json()["message"]["metadata"]}});
        assert_eq!(messenger().post(&world.gateway, &messenger_batch(&[echo])).await, 200);
    }
    for ((step, state, times), id) in STEPS.iter().zip(&ids) {
        let settled = if *times == 1 { SendState::Accepted } else { *state };
        until_state(&world.gateway, id, settled).await;
        let wanted = if settled == *state { vec![settled] } else { vec![*state, settled] };
        until("all of it is told", || async { told(&world.gateway, id).await.len() >= wanted.len() }).await;
        assert_eq!(told(&world.gateway, id).await, wanted, "{step}: each state is told once");
    }
    // One more goes out after all of that, so nobody sends in the background.
    let last = send(&world.gateway, say(person("660199"), "last", &words("last"))).await.unwrap();
    until_state(&world.gateway, &last.id, SendState::Accepted).await;
    for (step, _, times) in STEPS {
        assert_eq!(world.times(step), times, "{step}, in the end");
    }
}
