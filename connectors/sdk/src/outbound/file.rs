//! A file that has to pass through us on its way to the channel.

use std::slice::Iter;

use kenh_proto::v1::{Media, SendReason};

use super::{Answer, Failure, File, Retry, Step};

/// What says nothing about a file.
const ANYTHING: &str = "application/octet-stream";
/// Characters of a name at most: as much as the shortest-spoken file systems take.
const LONGEST_NAME: usize = 200;

/// The file of a part: the bytes the caller gave, or those behind its address. `Err` is the step that fetches them, or how it
/// ends without any. Takes one answer where it had to fetch.
pub fn file(media: &Media, max_bytes: u64, answers: &mut Iter<'_, Answer>) -> Result<File, Box<Step>> {
    let unavailable = |retry| done(SendReason::MediaUnavailable, retry);
    let (stated, bytes) = if let Some(content) = &media.content {
        (None, content.clone().into())
    } else {
        let url = media.url.clone().ok_or_else(|| unavailable(Retry::Never))?;
        match answers.next() {
            None => return Err(Step::Fetch { url, max_bytes }.into()),
            Some(Answer::Fetched { mime, bytes }) => (mime.as_deref(), bytes.clone()),
            Some(Answer::NotFetched { retryable: false }) => return Err(unavailable(Retry::Never)),
            Some(Answer::NotFetched { retryable: true } | Answer::NotSent | Answer::NoReply | Answer::Reply(_)) => {
                return Err(unavailable(Retry::Soon));
            }
        }
    };
    // A page to log in with, or one that says that there is nothing, is what servers send in place of a file.
    if stated == Some("text/html") && media.mime_type.as_deref() != Some("text/html") {
        return Err(unavailable(Retry::Never));
    }
    if u64::try_from(bytes.len()).is_ok_and(|size| size > max_bytes) {
        return Err(done(SendReason::ContentTooLarge, Retry::Never));
    }
    let says = |mime: &&str| !mime.is_empty() && *mime != ANYTHING;
    let mime = media.mime_type.as_deref().filter(says).or(stated.filter(says)).unwrap_or(ANYTHING);
    Ok(File { name: name(media), mime: mime.to_owned(), bytes })
}

fn done(reason: SendReason, retry: Retry) -> Box<Step> {
    Step::Done(Failure::passing(reason, None, retry)).into()
}

/// Its name, or how its address ends, without what a header or a path could stumble over.
fn name(media: &Media) -> String {
    let path = media.url.as_deref().and_then(|url| url.split(['?', '#']).next());
    let last = path.and_then(|path| path.split_once("://")?.1.rsplit_once('/')).map(|(_, last)| last);
    let name = media.name.as_deref().or(last).unwrap_or_default();
    let plain = name.chars().filter(|c| !c.is_control() && !matches!(c, '/' | '\\' | '"')).take(LONGEST_NAME);
    Some(plain.collect()).filter(|name: &String| !name.is_empty()).unwrap_or_else(|| "file".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetched(media: &Media, mime: &str) -> Result<File, Box<Step>> {
        let answers = [Answer::Fetched { mime: Some(mime.into()), bytes: "0123456789".into() }];
        file(media, 10, &mut answers.iter())
    }

    fn at(url: &str) -> Media {
        Media { url: Some(url.into()), ..Media::default() }
    }

    #[test]
    fn a_file_is_fetched_and_named_by_its_address() {
        let media = at("https://files.example.test/a/offer.pdf?v=1");
        let step = file(&media, 10, &mut [].iter()).unwrap_err();
        assert!(matches!(*step, Step::Fetch { max_bytes: 10, .. }), "{step:?}");
        let file = fetched(&media, "application/pdf").unwrap();
        assert_eq!((file.name.as_str(), file.mime.as_str()), ("offer.pdf", "application/pdf"));
        assert_eq!(fetched(&at("https://files.example.test"), "").unwrap().name, "file");
        let named = Media { name: Some("a/b\"\n.pdf".into()), ..media };
        assert_eq!(fetched(&named, "x/y").unwrap().name, "ab.pdf");
    }

    #[test]
    fn what_is_no_file_or_too_large_ends_it() {
        let ended = |step: Box<Step>| match *step {
            Step::Done(super::super::Outcome::Failed(failure)) => (failure.reason, failure.retry),
            other @ (Step::Done(_) | Step::Call(_) | Step::Mail(_) | Step::ShortMessage(_) | Step::Fetch { .. }) => {
                panic!("{other:?}")
            }
        };
        let media = at("https://files.example.test/a.pdf");
        let page = fetched(&media, "text/html").unwrap_err();
        assert_eq!(ended(page), (SendReason::MediaUnavailable, Retry::Never));
        let large = Media { content: Some(vec![0; 11]), ..Media::default() };
        let large = file(&large, 10, &mut [].iter()).unwrap_err();
        assert_eq!(ended(large), (SendReason::ContentTooLarge, Retry::Never));
        for (retryable, retry) in [(true, Retry::Soon), (false, Retry::Never)] {
            let step = file(&media, 10, &mut [Answer::NotFetched { retryable }].iter()).unwrap_err();
            assert_eq!(ended(step), (SendReason::MediaUnavailable, retry));
        }
    }
}
