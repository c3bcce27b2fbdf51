//! The page that proves to Zalo's console who owns the domain.

use connector_sdk::Page;

/// Whether this can be a code. It goes into a path and into HTML, neither of which it may be able to leave.
pub(crate) fn is_code(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The page for a code.
pub(crate) fn page(code: &str) -> Page {
    Page {
        path: format!("/zalo_verifier{code}.html"),
        content_type: "text/html; charset=utf-8",
        body: format!(
            "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">\
             <meta name=\"zalo-platform-site-verification\" property=\"zalo-platform-site-verification\" content=\"{code}\">\
             </head><body></body></html>\n"
        ),
    }
}
