//! What trusted servers found out about the sender: `Authentication-Results` (RFC 8601).
//!
//! Anybody can write that header. Those count whose server the endpoint names, and of them the topmost ones only: a server
//! adds its own above everything that came with the mail.

use std::collections::HashMap;

/// Methods that are taken over.
const METHODS: &[&str] = &["spf", "dkim", "dmarc", "arc"];
const RESULTS: &[&str] =
    &["pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", "policy", "bestguesspass", "hardfail"];

/// The results of the trusted servers, by method. Of several DKIM signatures one that passes counts.
pub(crate) fn results(headers: impl Iterator<Item = String>, trusted: &[String]) -> HashMap<String, String> {
    let mut found = HashMap::<String, String>::new();
    let is_trusted = |header: &String| trusted.iter().any(|host| host.eq_ignore_ascii_case(server(header)));
    // Without one of a trusted server at the top there is nothing that came from it.
    for header in headers.take_while(is_trusted) {
        for (method, result) in without_comments(&header).split(';').skip(1).filter_map(result) {
            let better = result == "pass" && method == "dkim";
            let kept = found.entry(method).or_insert_with(|| result.clone());
            if better {
                *kept = result;
            }
        }
    }
    found
}

/// The name of the server that added the header: what stands first, without its version.
fn server(header: &str) -> &str {
    header.split(';').next().and_then(|first| first.split_whitespace().next()).unwrap_or_default()
}

/// `method=result`, at the start of a piece.
fn result(piece: &str) -> Option<(String, String)> {
    let (method, rest) = piece.trim().split_once('=')?;
    let method = method.trim().split('/').next()?.trim().to_ascii_lowercase();
    let result = rest.split_whitespace().next()?.to_ascii_lowercase();
    (METHODS.contains(&method.as_str()) && RESULTS.contains(&result.as_str())).then_some((method, result))
}

/// Comments may hold anything, semicolons too.
fn without_comments(header: &str) -> String {
    let mut depth = 0_u32;
    let mut quoted = false;
    let keep = |character: &char| {
        match character {
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth > 0 => {
                depth -= 1;
                return false;
            }
            _ => {}
        }
        depth == 0
    };
    header.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[&str]) -> Vec<(String, String)> {
        let headers = headers.iter().map(|header| (*header).to_owned());
        let mut found: Vec<_> = results(headers, &["mx.example.test".into()]).into_iter().collect();
        found.sort();
        found
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(method, result)| ((*method).into(), (*result).into())).collect()
    }

    #[test]
    fn results_of_the_trusted_server_are_read() {
        let header = "MX.example.test 1; dkim=fail (bad; signature) header.d=b.test; dkim=pass header.d=a.test; \
                      spf=softfail smtp.mailfrom=a.test; dmarc=pass (p=none) header.from=a.test; x-other=pass";
        assert_eq!(read(&[header]), pairs(&[("dkim", "pass"), ("dmarc", "pass"), ("spf", "softfail")]));
    }

    #[test]
    fn nobody_else_is_believed() {
        let forged = "mx.example.test; dmarc=pass";
        assert_eq!(read(&["evil.test; dmarc=pass"]), []);
        // Below one of another server it came with the mail.
        assert_eq!(read(&["other.test; spf=none", forged]), []);
        assert_eq!(read(&["mx.example.test.evil.test; dmarc=pass"]), []);
        assert_eq!(read(&["evil.test (; mx.example.test); dmarc=pass"]), []);
        assert_eq!(read(&["mx.example.test; spf=fail (dmarc=pass; dmarc=pass)"]), pairs(&[("spf", "fail")]));
        assert_eq!(read(&["mx.example.test; dmarc=maybe"]), []);
    }
}
