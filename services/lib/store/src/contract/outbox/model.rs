//! Turns against a simple model of them: whatever is submitted, tried, written, cancelled and retried in whatever order,
//! whoever dies and however time goes by, of a conversation one message at a time is being sent, in the order of
//! submission but for what is not due yet and what was begun before, and every message comes to its end once.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    Freed, Hold, NewOutbound, OutboundFilter, Phase, Store, Submitted, Turn, Written,
    contract::{Handles, LONG, id},
};

/// One call: which, about which message, and how.
pub type Step = [u8; 3];

/// The statement that has time go by: everything in the table is [`TICK`] nearer.
pub const TIME_GOES_BY: &str =
    "UPDATE kenh_outbound SET due_at = due_at - 100000000, lease_until = lease_until - 100000000";

/// In seconds. Delays lie between two ticks, so that the time the test itself takes does not matter.
const TICK: i64 = 100;
const DELAYS: [i64; 4] = [0, 0, 150, 250];
const CONVERSATIONS: u128 = 3;
const DISPATCHERS: u8 = 2;

struct Message {
    number: u128,
    conversation: u128,
    phase: Phase,
    turn: u64,
    hold: Hold,
    due_at: i64,
    lease_until: i64,
}

struct Model<'s, T> {
    store: &'s Handles,
    time_goes_by: T,
    /// Nothing else in the store has these numbers and this channel.
    base: u128,
    channel: String,
    now: i64,
    /// In the order of submission.
    messages: Vec<Message>,
    /// The turns dispatchers believe to have, by dispatcher and message.
    believed: BTreeMap<(u8, usize), u64>,
    paused: [bool; CONVERSATIONS as usize],
}

/// Makes the calls on a store and on the model; panics where they differ. No two replays on one store have the same
/// `number`. `time_goes_by` runs [`TIME_GOES_BY`].
pub async fn replay(handles: &Handles, steps: &[Step], number: u32, time_goes_by: impl AsyncFn()) {
    let mut model = Model {
        store: handles,
        time_goes_by,
        base: u128::from(number) * 1_000_000,
        channel: format!("channel{number}"),
        now: 0,
        messages: Vec::new(),
        believed: BTreeMap::new(),
        paused: [false; CONVERSATIONS as usize],
    };
    for [what, which, how] in steps {
        match what % 12 {
            0..3 => model.submit(*which, *how).await,
            3..6 => model.turn(*which, *how).await,
            6..8 => model.write(*which, *how).await,
            8 => model.rewrite(*which, *how).await,
            9 => model.tick().await,
            // A dispatcher dies: it knows of no turn any more.
            10 => model.believed.retain(|(dispatcher, _), _| *dispatcher != which % DISPATCHERS),
            _ => model.pause(*which).await,
        }
        model.check().await;
    }
    model.drain().await;
}

impl<T: AsyncFn()> Model<'_, T> {
    fn store(&self, by: u8) -> &dyn Store {
        &*self.store[usize::from(by % 2)]
    }

    fn account(conversation: u128) -> String {
        format!("main/account{conversation}")
    }

    /// The message that goes before all others of its conversation.
    fn first(&self, conversation: u128) -> Option<usize> {
        let of = |index: &usize| self.messages[*index].conversation == conversation;
        let all = (0..self.messages.len()).filter(of);
        let sending = all.clone().find(|index| self.messages[*index].phase == Phase::Sending);
        let standing = |hold| all.clone().find(|index| self.stands(*index) && self.messages[*index].hold == hold);
        let standing = || [Hold::Whole, Hold::Order, Hold::Nobody].into_iter().find_map(standing);
        sending.or_else(standing)
    }

    /// It waits and others wait for it.
    fn stands(&self, index: usize) -> bool {
        let message = &self.messages[index];
        message.phase == Phase::Waiting
            && (message.turn > 0 && message.hold != Hold::Nobody || message.due_at <= self.now)
    }

    /// A dispatcher that asks gets it.
    fn may(&self, index: usize) -> bool {
        let message = &self.messages[index];
        let time = match message.phase {
            Phase::Waiting => message.due_at <= self.now && self.first(message.conversation) == Some(index),
            Phase::Sending => message.lease_until <= self.now,
            Phase::Ended => false,
        };
        time && !self.paused[usize::try_from(message.conversation).unwrap()]
    }

    async fn submit(&mut self, which: u8, how: u8) {
        // Not in the order of submission.
        let number = self.base + u128::from(which) * 1000 + 999 - u128::try_from(self.messages.len()).unwrap();
        let (conversation, delay) = (u128::from(which) % CONVERSATIONS, DELAYS[usize::from(how % 4)]);
        let new = NewOutbound {
            account: Self::account(conversation),
            channel: self.channel.clone(),
            delay: seconds(delay),
            ..super::new(number, self.base + conversation)
        };
        let kept = self.store(how).submit(&new, LONG).await.unwrap();
        assert!(matches!(kept, Submitted::Fresh(_)));
        let due_at = self.now + delay;
        self.messages.push(Message {
            number,
            conversation,
            phase: Phase::Waiting,
            turn: 0,
            hold: Hold::Order,
            due_at,
            lease_until: 0,
        });
    }

    fn pick(&self, which: u8) -> Option<usize> {
        usize::from(which).checked_rem(self.messages.len())
    }

    async fn turn(&mut self, which: u8, how: u8) {
        let Some(index) = self.pick(which) else { return };
        let (may, lease) = (self.may(index), DELAYS[usize::from(how / 4 % 4)]);
        let outcome = self.store(how).turn(id(self.messages[index].number), seconds(lease)).await.unwrap();
        let message = &mut self.messages[index];
        match (&outcome, message.phase) {
            (Turn::Yours(kept), Phase::Waiting) | (Turn::TakenOver(kept), Phase::Sending) => {
                assert!(may, "a turn too soon");
                assert_eq!((kept.turn, kept.phase), (message.turn + 1, Phase::Sending));
                message.turn = kept.turn;
                message.phase = Phase::Sending;
                message.lease_until = self.now + lease;
                self.believed.insert((how % DISPATCHERS, index), kept.turn);
            }
            (Turn::NotNow, Phase::Waiting | Phase::Sending) => assert!(!may, "{index} was refused"),
            (Turn::Over, Phase::Ended) => {}
            (Turn::Yours(_) | Turn::TakenOver(_) | Turn::NotNow | Turn::Over, phase) => {
                panic!("{outcome:?} of {phase:?}")
            }
        }
    }

    async fn write(&mut self, which: u8, how: u8) {
        let dispatcher = how % DISPATCHERS;
        let mine = self.believed.iter().filter(|((who, _), _)| *who == dispatcher);
        let mine: Vec<_> = mine.map(|((_, index), turn)| (*index, *turn)).collect();
        let Some(at) = usize::from(which).checked_rem(mine.len()) else { return };
        let (index, turn) = mine[at];
        let phase = [Phase::Waiting, Phase::Sending, Phase::Ended, Phase::Ended][usize::from(how / 2 % 4)];
        let delay = DELAYS[usize::from(how / 8 % 4)];
        let hold = [Hold::Order, Hold::Whole, Hold::Nobody, Hold::Order][usize::from(how / 32 % 4)];
        let written = Written { hold, ..super::written(self.messages[index].number, turn, phase, seconds(delay)) };
        let freed = self.store(how).write(&written).await.unwrap();
        let has_it = self.messages[index].phase == Phase::Sending && self.messages[index].turn == turn;
        assert_eq!(freed.is_some(), has_it, "{dispatcher} writes {index} as of turn {turn}");
        self.moved(index, phase, hold, delay, freed);
    }

    async fn rewrite(&mut self, which: u8, how: u8) {
        let Some(index) = self.pick(which) else { return };
        let (from, to) = [
            (Phase::Waiting, Phase::Ended),
            (Phase::Waiting, Phase::Waiting),
            (Phase::Ended, Phase::Waiting),
            (Phase::Sending, Phase::Ended),
        ][usize::from(how % 4)];
        let (delay, message) = (DELAYS[usize::from(how / 4 % 4)], &self.messages[index]);
        let written = super::written(message.number, message.turn, to, seconds(delay));
        let freed = self.store(which).rewrite(&written, from, None).await.unwrap();
        assert_eq!(freed.is_some(), message.phase == from && from != Phase::Sending, "{from:?} to {to:?}");
        self.moved(index, to, Hold::Order, delay, freed);
    }

    fn moved(&mut self, index: usize, phase: Phase, hold: Hold, delay: i64, freed: Option<Freed>) {
        let Some(freed) = freed else { return };
        let message = &mut self.messages[index];
        (message.phase, message.hold) = (phase, hold);
        match phase {
            Phase::Waiting => message.due_at = self.now + delay,
            Phase::Sending => message.lease_until = self.now + delay,
            Phase::Ended => {}
        }
        // What a dispatcher left is for who looks for it.
        let waits = |next: &usize| self.messages[*next].phase == Phase::Waiting && self.may(*next);
        let next = self.first(self.messages[index].conversation).filter(waits);
        let next = next.filter(|next| phase != Phase::Sending && *next != index);
        assert_eq!(freed.next, next.map(|next| id(self.messages[next].number)));
    }

    async fn tick(&mut self) {
        (self.time_goes_by)().await;
        self.now += TICK;
    }

    async fn pause(&mut self, which: u8) {
        let conversation = u128::from(which) % CONVERSATIONS;
        let paused = !self.paused[usize::try_from(conversation).unwrap()];
        self.store(which).pause(&self.channel, &Self::account(conversation), paused).await.unwrap();
        self.paused[usize::try_from(conversation).unwrap()] = paused;
    }

    async fn check(&self) {
        let filter = OutboundFilter { channel: Some(self.channel.clone()), ..OutboundFilter::default() };
        let mut kept = self.store(1).list_outbound(&filter, None, 1000).await.unwrap();
        kept.reverse();
        let kept: Vec<_> = kept.iter().map(|kept| (kept.id.as_u128(), kept.phase, kept.turn)).collect();
        let wanted: Vec<_> =
            self.messages.iter().map(|message| (message.number, message.phase, message.turn)).collect();
        assert_eq!(kept, wanted);
        for conversation in 0..CONVERSATIONS {
            let of = self.messages.iter().filter(|message| message.conversation == conversation);
            assert!(of.filter(|message| message.phase == Phase::Sending).count() < 2, "two at once");
        }
        let mut due = self.store(0).due(std::slice::from_ref(&self.channel), 1000).await.unwrap();
        due.sort_unstable();
        let may = (0..self.messages.len()).filter(|index| self.may(*index));
        let mut wanted: Vec<_> = may.map(|index| (self.channel.clone(), id(self.messages[index].number))).collect();
        wanted.sort_unstable();
        assert_eq!(due, wanted);
    }

    /// In the end everything is due, and who looks for it finds all of it, in the order of submission.
    async fn drain(&mut self) {
        for which in 0..CONVERSATIONS {
            if self.paused[usize::try_from(which).unwrap()] {
                self.pause(u8::try_from(which).unwrap()).await;
            }
        }
        for _ in 0..=DELAYS[3] / TICK {
            self.tick().await;
        }
        let left = (0..self.messages.len()).filter(|index| self.messages[*index].phase != Phase::Ended);
        // What is being sent comes to its end first, also where an older one became due meanwhile or is tried again.
        let place = |index| {
            let message: &Message = &self.messages[index];
            (message.conversation, message.phase != Phase::Sending, std::cmp::Reverse(message.hold), index)
        };
        let mut wanted: Vec<_> = left.map(place).collect();
        wanted.sort_unstable();
        let mut order = Vec::new();
        loop {
            let due = self.store(0).due(std::slice::from_ref(&self.channel), 1000).await.unwrap();
            if due.is_empty() {
                break;
            }
            for (_, found) in due {
                let index = self.messages.iter().position(|message| id(message.number) == found).unwrap();
                let (Turn::Yours(kept) | Turn::TakenOver(kept)) = self.store(0).turn(found, LONG).await.unwrap() else {
                    panic!("it was due")
                };
                let written = super::written(self.messages[index].number, kept.turn, Phase::Ended, Duration::ZERO);
                assert!(self.store(1).write(&written).await.unwrap().is_some());
                order.push((self.messages[index].conversation, index));
            }
        }
        // Stable: of one conversation they stay as they came.
        order.sort_by_key(|(conversation, _)| *conversation);
        let wanted: Vec<_> = wanted.into_iter().map(|(conversation, _, _, index)| (conversation, index)).collect();
        assert_eq!(order, wanted);
    }
}

fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap())
}
