//! Who makes the tables, and what happens where they are not as they should be.

use kenh_store::{
    Config,
    config::{Engine, Migrate, Postgres},
};
use kenh_tests::postgres::{Cluster, PASSWORD};

use super::{config, open};

fn postgres(config: &mut Config) -> &mut Postgres {
    match &mut config.engine {
        Engine::Postgres(postgres) => postgres,
        Engine::Sqlite { .. } => panic!("another engine"),
    }
}

async fn refused(config: &Config) -> String {
    let Err(error) = open(config).await else { panic!("it was opened") };
    let said = error.to_string();
    assert!(!said.contains(PASSWORD) && !said.contains('\n'), "{said}");
    said
}

#[tokio::test]
async fn replicas_that_start_at_once_make_the_tables_once() {
    let cluster = Cluster::start().await;
    let config = config(&cluster);
    let all = futures_util::future::join_all((0..8).map(|_| open(&config))).await;
    for process in &all {
        let process = process.as_ref().unwrap_or_else(|error| panic!("{error}"));
        assert!(process.health.is_ready(), "{}", process.health.report());
        process.store.list("", 1).await.unwrap();
    }
}

#[tokio::test]
async fn a_program_that_only_checks_says_what_is_to_be_done_and_needs_few_rights() {
    let cluster = Cluster::start().await;
    let mut config = config(&cluster);
    postgres(&mut config).migrate = Migrate::Check;
    for _ in 0..2 {
        let said = refused(&config).await;
        assert!(said.contains("version 0") && said.contains("`store.postgres.migrate: apply`"), "{said}");
    }
    postgres(&mut config).migrate = Migrate::Apply;
    drop(open(&config).await.unwrap());

    let schema = postgres(&mut config).schema.clone().unwrap();
    for statement in [
        format!("CREATE ROLE gateway LOGIN PASSWORD '{PASSWORD}'"),
        format!("GRANT USAGE ON SCHEMA {schema} TO gateway"),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO gateway"),
    ] {
        cluster.sql(&statement).await;
    }
    let database = postgres(&mut config);
    database.url = cluster.url().replace("//kenh:", "//gateway:").into();
    database.migrate = Migrate::Check;
    let store = open(&config).await.unwrap().store;
    store.create("crm", bytes::Bytes::new(), &[0, 0], 10).await.unwrap();
    assert_eq!(store.delete("crm").await, Ok(true));
    store.settle(&[uuid::Uuid::from_u128(1)]).await.unwrap();
}

#[tokio::test]
async fn tables_of_a_newer_program_are_left_alone() {
    let cluster = Cluster::start().await;
    let mut config = config(&cluster);
    drop(open(&config).await.unwrap());
    let schema = postgres(&mut config).schema.clone().unwrap();
    cluster.sql(&format!("INSERT INTO {schema}.kenh_migration VALUES (99, 0)")).await;
    for migrate in [Migrate::Apply, Migrate::Check] {
        postgres(&mut config).migrate = migrate;
        let said = refused(&config).await;
        assert!(said.contains("version 99, which is newer") && said.contains(&schema), "{said}");
    }
}
