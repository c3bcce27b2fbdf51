use bytes::Bytes;

use super::Handles;
use crate::Position;

pub(super) async fn a_source_is_moved_on_by_who_knows_where_it_stands([one, other]: &Handles) {
    assert_eq!(one.position("mail").await, Ok(None));
    assert_eq!(one.advance("mail", 7, &Bytes::from("from nowhere")).await, Ok(false));
    assert_eq!(one.advance("mail", 0, &Bytes::from("first")).await, Ok(true));
    assert_eq!(other.advance("mail", 0, &Bytes::from("also first")).await, Ok(false));
    assert_eq!(other.advance("other", 0, &Bytes::new()).await, Ok(true));
    assert_eq!(other.advance("mail", 1, &Bytes::from("second")).await, Ok(true));
    assert_eq!(one.advance("mail", 1, &Bytes::from("late")).await, Ok(false));
    assert_eq!(one.position("mail").await, Ok(Some(Position { version: 2, position: "second".into() })));
    assert_eq!(one.position("other").await, Ok(Some(Position { version: 1, position: Bytes::new() })));
}
