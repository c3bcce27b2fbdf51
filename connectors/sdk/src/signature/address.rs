//! The address a channel was given, as it may have signed it, and its parameters.

/// The address with the query the call came with. Scheme, host and path are the configured ones: behind a proxy the call
/// itself shows others, and what it says of them can be forged.
pub(super) fn called(public_url: &str, query: &str) -> String {
    if query.is_empty() { public_url.to_owned() } else { format!("{public_url}?{query}") }
}

/// The address as it is, with the port its scheme implies, and without a port: Twilio signs one of them and is not sure
/// which.
pub(super) fn with_and_without_port(url: &str) -> Vec<String> {
    let mut urls = vec![url.to_owned()];
    if let Some((scheme, rest)) = url.split_once("://") {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let port = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
        if authority == host {
            urls.push(format!("{scheme}://{host}:{port}{path}"));
        } else {
            urls.push(format!("{scheme}://{host}{path}"));
        }
    }
    urls
}

/// The parameters of a form or query, decoded, by name and then by value: as several channels sign them.
pub fn sorted_parameters(encoded: &[u8]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(encoded).into_owned().collect();
    pairs.sort();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_comes_and_goes() {
        let urls = with_and_without_port;
        assert_eq!(urls("https://a.test/x?y=1"), ["https://a.test/x?y=1", "https://a.test:443/x?y=1"]);
        assert_eq!(urls("http://a.test"), ["http://a.test", "http://a.test:80"]);
        assert_eq!(urls("https://a.test:8443/x"), ["https://a.test:8443/x", "https://a.test/x"]);
    }
}
