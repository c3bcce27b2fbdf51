#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kenh_fuzz::services::session(data));
