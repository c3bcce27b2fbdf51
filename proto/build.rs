//! Compiles the `.proto` files without protoc.
//!
//! Two sets of types come out. `kenh.v1.rs` is the contract as written, for everybody. `kenh.server.rs` is the
//! same contract with the envelopes that the api sends declared as `bytes`: on the wire the two are the same thing
//! (both are length-delimited), and it lets the api send an envelope that was encoded once, when it was stored.

use std::{env, error::Error, fs, path::Path};

use prost::Message as _;
use prost_types::{FileDescriptorSet, field_descriptor_proto::Type};

const FILES: &[&str] = &[
    "kenh/v1/channel_log.proto",
    "kenh/v1/channel_service.proto",
    "kenh/v1/connector_service.proto",
    "kenh/v1/content.proto",
    "kenh/v1/envelope.proto",
    "kenh/v1/errors.proto",
    "kenh/v1/event_service.proto",
    "kenh/v1/happenings.proto",
    "kenh/v1/message_service.proto",
    "kenh/v1/outbound.proto",
    "kenh/v1/parked_service.proto",
    "kenh/v1/party.proto",
    "kenh/v1/sending.proto",
    "kenh/v1/subscription_service.proto",
];

/// Messages whose field `envelope` the api sends as it was stored.
const ENCODED: &[&str] = &["Delivery", "GetParkedResponse"];

fn main() -> Result<(), Box<dyn Error>> {
    for file in FILES {
        println!("cargo:rerun-if-changed={file}");
    }
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true).open_files(FILES)?;
    fs::write(Path::new(&out).join("kenh.bin"), compiler.encode_file_descriptor_set())?;

    let contract = FileDescriptorSet::decode(compiler.encode_file_descriptor_set().as_slice())?;
    tonic_prost_build::configure()
        .bytes(".kenh.v1.Raw")
        .bytes(".kenh.v1.GetMediaResponse")
        .compile_fds(contract.clone())?;

    let server = Path::new(&out).join("server");
    fs::create_dir_all(&server)?;
    let builder =
        tonic_prost_build::configure().build_client(false).bytes(".kenh.v1.Raw").bytes(".kenh.v1.GetMediaResponse");
    let fields = ENCODED.iter().map(|message| format!(".kenh.v1.{message}.envelope"));
    let builder = fields.fold(builder, tonic_prost_build::Builder::bytes);
    builder.out_dir(server).compile_fds(with_encoded_envelopes(contract)?)?;
    Ok(())
}

fn with_encoded_envelopes(mut files: FileDescriptorSet) -> Result<FileDescriptorSet, Box<dyn Error>> {
    let messages = files.file.iter_mut().flat_map(|file| &mut file.message_type);
    let fields = messages.filter(|message| ENCODED.contains(&message.name())).flat_map(|message| &mut message.field);
    let mut found = 0;
    for field in fields.filter(|field| field.name() == "envelope") {
        field.set_type(Type::Bytes);
        field.type_name = None;
        found += 1;
    }
    if found != ENCODED.len() {
        return Err(format!("not all of {ENCODED:?} have a field `envelope`").into());
    }
    Ok(files)
}
