//! What holds for every engine. Each test takes an empty store, as two processes see it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "tests that engines share; their names say what holds"
)]

mod assemblies;
mod claims;
mod exchanges;
mod fencing;
mod members;
pub mod model;
pub mod outbox;
mod parked;
mod positions;
mod race;
mod spool;
mod subscriptions;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use uuid::Uuid;

use crate::{Claim, Member, Parked, Save, Store, StoreError};

/// Two processes' handles to one store.
pub type Handles = [Arc<dyn Store>; 2];

/// Longer than any test.
pub const LONG: Duration = Duration::from_secs(3600);
pub const PARTITIONS: u32 = 4;

/// Runs every test of the contract on stores of its own.
pub async fn all<F: Future<Output = Handles>>(fresh: impl Fn() -> F) {
    macro_rules! run {
        ($($test:path),* $(,)?) => { $({
            let handles = fresh().await;
            $test(&handles).await;
        })* };
    }
    run!(
        claims::an_event_is_claimed_once_until_it_is_settled,
        claims::answers_are_in_the_order_of_the_ids_and_repetitions_wait,
        claims::a_lapsed_claim_is_taken_over_once,
        claims::only_what_a_process_has_is_given_up,
        claims::what_was_taken_over_and_given_up_is_not_new_to_the_next,
        claims::old_claims_are_forgotten_in_bounded_steps,
        claims::of_many_claimers_each_event_has_one,
        subscriptions::one_is_created_once_and_found,
        subscriptions::there_are_no_more_than_there_may_be,
        subscriptions::they_are_listed_by_name_in_pages,
        subscriptions::deleting_takes_everything_of_it_and_nothing_else,
        subscriptions::what_is_not_there_has_nothing,
        subscriptions::large_offsets_come_back_as_they_were,
        members::a_member_is_there_until_it_leaves_or_its_lease_is_over,
        members::a_consumer_that_joins_again_replaces_itself,
        members::members_are_those_of_subscriptions_a_process_reads,
        members::a_session_that_comes_again_holds_nothing_from_before,
        fencing::a_window_has_one_holder_until_it_is_given_back,
        fencing::a_holder_that_is_gone_is_followed_and_fenced,
        fencing::a_seek_fences_everybody_and_forgets,
        fencing::only_who_is_there_and_named_rightly_holds,
        fencing::saves_stand_each_for_itself_in_their_order,
        fencing::a_fenced_save_parks_and_unparks_nothing,
        parked::what_is_parked_comes_back_with_everything_it_had,
        parked::a_redelivery_that_succeeds_unparks_and_one_that_fails_waits_no_more,
        parked::pages_are_stable_while_items_come_and_go,
        parked::filters_take_what_matches_and_nothing_else,
        parked::counts_are_by_subscription,
        parked::old_and_too_many_go_oldest_first,
        parked::redriven_are_those_of_windows_a_process_holds,
        race::two_processes_never_hold_one_window,
        race::concurrent_calls_of_every_kind_do_not_block_each_other,
        outbox::turns::a_submitted_message_is_kept_as_it_was_given,
        outbox::turns::a_key_stands_for_one_message_of_its_client_while_it_lasts,
        outbox::turns::a_conversation_is_sent_in_the_order_of_submission,
        outbox::turns::what_is_scheduled_for_later_holds_up_nobody_and_a_retry_does,
        outbox::turns::a_lease_that_is_over_is_taken_over_and_fences_the_other,
        outbox::turns::a_longer_lease_is_kept,
        outbox::turns::messages_of_a_paused_account_get_no_turn,
        outbox::writes::only_who_has_the_turn_writes,
        outbox::writes::who_has_no_turn_rewrites_what_nobody_sends,
        outbox::writes::what_is_retried_waits_for_who_is_being_sent,
        outbox::writes::due_are_the_first_of_each_conversation_longest_waiting_first,
        outbox::writes::an_id_stays_with_the_message_it_was_given_first,
        outbox::given::a_status_only_grows_and_every_id_of_a_message_is_answered,
        outbox::given::words_that_come_before_the_id_are_joined_to_it,
        outbox::given::a_watermark_finds_what_was_given_before_it,
        outbox::given::what_nobody_tells_is_found_again,
        outbox::keep::messages_are_listed_newest_first_in_pages,
        outbox::keep::what_ended_long_ago_is_dropped_in_bounded_steps,
        outbox::accounts::of_a_conversation_the_newest_is_known,
        outbox::accounts::old_conversations_are_forgotten_in_bounded_steps,
        outbox::accounts::a_credential_is_changed_by_who_knows_the_one_before,
        outbox::accounts::a_right_has_one_owner_until_it_is_given_back_or_over,
        outbox::accounts::a_credential_is_dropped_for_good,
        outbox::fares::sending_and_renewing_are_said_apart,
        outbox::fares::a_change_is_told_by_one_and_until_it_surely_was,
        exchanges::exchanges_are_read_newest_first_and_on_from_a_place,
        exchanges::exchanges_are_found_by_what_they_were,
        exchanges::of_the_channel_log_the_newest_are_kept,
        exchanges::who_reads_on_misses_nothing_that_others_write,
        assemblies::parts_are_joined_whoever_gets_them_and_in_whichever_order,
        assemblies::a_name_that_is_used_again_is_another_message,
        assemblies::gaps_and_what_nobody_told_are_found,
        assemblies::what_was_told_is_forgotten_and_no_more_wait_than_may,
        positions::a_source_is_moved_on_by_who_knows_where_it_stands,
        spool::what_the_broker_failed_is_kept_in_order_and_others_go_behind_it,
        spool::a_batch_is_bounded_in_events_and_bytes,
        spool::a_partition_is_opened_when_it_is_closed_and_empty,
        spool::more_than_there_is_room_for_is_not_kept,
        spool::who_claims_is_told_what_is_spooled,
        spool::of_two_that_put_and_one_that_drains_nothing_is_lost_or_turned_around,
        outbox::turns::nothing_comes_between_the_pieces_of_a_message,
        outbox::turns::what_waits_for_the_clock_holds_up_nobody,
        outbox::race::two_messages_of_a_conversation_are_never_sent_at_once,
        outbox::race::a_key_is_used_once_however_many_use_it_at_once,
        outbox::race::concurrent_calls_of_the_outbox_do_not_block_each_other,
    );
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn member(subscription: &str, consumer: &str, session: u128, process: u128) -> Member {
    Member { subscription: subscription.into(), consumer: consumer.into(), session: id(session), process: id(process) }
}

fn item(number: u128, subscription: Option<&str>) -> Parked {
    Parked {
        id: id(number),
        subscription: subscription.map(Into::into),
        partition: 1,
        offset: u64::try_from(number).unwrap(),
        event: id(number + 1_000_000),
        channel: if number.is_multiple_of(2) { "zalo".into() } else { "messenger".into() },
        kind: "message".into(),
        reason: "refused".into(),
        attempts: 5,
        parked_at: 0,
        redrive: false,
        envelope: Bytes::from(vec![u8::try_from(number % 251).unwrap(); 300]),
    }
}

fn save(member: &Member, partition: u32, epoch: u64, position: u64) -> Save {
    Save {
        subscription: member.subscription.clone(),
        partition,
        session: member.session,
        epoch,
        position,
        state: Bytes::from(format!("state at {position}")),
        park: Vec::new(),
        unpark: Vec::new(),
        release: false,
    }
}

async fn claim(store: &Arc<dyn Store>, ids: &[Uuid], process: Uuid, lapse: Duration) -> Result<Vec<Claim>, StoreError> {
    store.claim(ids, process, lapse).await.map(|claimed| claimed.claims)
}

async fn create(store: &Arc<dyn Store>, name: &str) {
    store.create(name, Bytes::from_static(b"spec"), &[0; PARTITIONS as usize], 1000).await.unwrap();
}
