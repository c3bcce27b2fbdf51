//! The channel's words about messages.

use std::collections::BTreeMap;

use super::given::{self, COLUMNS};
use crate::{
    Given, StoreError, Word,
    call::{Call, Needs},
    engine::{Column, Session},
};

/// [`Outbox::note`](crate::Outbox::note).
pub(crate) struct Note {
    pub(crate) words: Vec<Word>,
}

impl Call for Note {
    type Answer = Vec<Given>;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<Vec<Given>, StoreError> {
        let words = furthest(self.words);
        let sql = "INSERT INTO kenh_given (channel, account, provider_id, piece, given_at, status, status_at, code, told, \
                       noted_at) \
                   SELECT r.channel, r.account, r.provider_id, 0, 0, r.status, r.status_at, r.code, 0, {wall} \
                   FROM {rows} WHERE true ORDER BY r.place \
                   ON CONFLICT (channel, account, provider_id) DO UPDATE \
                   SET status = excluded.status, status_at = excluded.status_at, code = excluded.code, \
                       noted_at = excluded.noted_at \
                   WHERE kenh_given.status < excluded.status";
        let mut columns = keys(&words);
        columns.extend([
            ("status", Column::Ints(words.iter().map(|word| word.status.into()).collect())),
            ("status_at", Column::Ints(words.iter().map(|word| word.at).collect())),
            ("code", Column::Texts(words.iter().map(|word| word.code.clone()).collect())),
            ("place", Column::Ints((0..).take(words.len()).collect())),
        ]);
        session.each(sql, Vec::new(), columns).await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM {{rows}} JOIN kenh_given g ON g.channel = r.channel AND g.account = r.account \
             AND g.provider_id = r.provider_id WHERE g.outbound IS NOT NULL"
        );
        session.each(&sql, Vec::new(), keys(&words)).await?.into_iter().map(given::read).collect()
    }
}

/// The last word about each id, by the order of their keys: as locks are taken.
fn furthest(words: Vec<Word>) -> Vec<Word> {
    let mut by_key: BTreeMap<_, Word> = BTreeMap::new();
    for word in words {
        let key = (word.channel.clone(), word.account.clone(), word.provider_id.clone());
        if by_key.get(&key).is_none_or(|other| other.status < word.status) {
            by_key.insert(key, word);
        }
    }
    by_key.into_values().collect()
}

fn keys(words: &[Word]) -> Vec<(&'static str, Column)> {
    vec![
        ("channel", Column::texts(words.iter().map(|word| word.channel.as_str()))),
        ("account", Column::texts(words.iter().map(|word| word.account.as_str()))),
        ("provider_id", Column::texts(words.iter().map(|word| word.provider_id.as_str()))),
    ]
}
