//! `proto/API.md`: services, calls, messages, enums and fields with their meaning.

use std::fmt::Write as _;

use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
    field_descriptor_proto::{Label, Type},
};

use crate::comments::{ENUM, MEMBER, MESSAGE, SERVICE, line, paragraphs};

const INTRODUCTION: &str = "# The API

Made from the comments of [`kenh/v1`](kenh/v1) by `make golden`; not edited by hand. Errors are in [ERRORS.md](ERRORS.md), a
walk through it all in [Build a help desk on Kenh](../deploy/examples/README.md). Fields are written as in the `.proto` files;
those without a value are absent. *Optional* ones tell absent from empty; of those *one of* a group, one is set at most.
";

pub(crate) fn render(files: &[FileDescriptorProto]) -> String {
    let mut out = String::from(INTRODUCTION);
    out += "\n## Services\n\n";
    for (file, number, found) in services(files) {
        let what = line(file, &[SERVICE, number]);
        let what = what.split_once(". ").map_or(what.as_str(), |(first, _)| first).trim_end_matches('.');
        _ = writeln!(out, "- {}: {what}", link(found.name()));
    }
    for (file, number, found) in services(files) {
        service(&mut out, file, number, found);
    }
    out += "\n## Messages and enums\n";
    for file in files {
        messages(&mut out, file);
        enums(&mut out, file);
    }
    out
}

/// Every service with its file and its number in there.
fn services(
    files: &[FileDescriptorProto],
) -> impl Iterator<Item = (&FileDescriptorProto, i32, &ServiceDescriptorProto)> {
    files.iter().flat_map(|file| (0..).zip(&file.service).map(move |(number, service)| (file, number, service)))
}

fn service(out: &mut String, file: &FileDescriptorProto, number: i32, service: &ServiceDescriptorProto) {
    _ = write!(out, "\n## {}\n", service.name());
    text(out, &paragraphs(file, &[SERVICE, number]));
    for (call, method) in (0..).zip(&service.method) {
        let stream = |streams: bool| if streams { "a stream of " } else { "" };
        _ = write!(out, "\n### {}.{}\n", service.name(), method.name());
        text(out, &paragraphs(file, &[SERVICE, number, MEMBER, call]));
        _ = writeln!(
            out,
            "\nTakes {}{}, gives {}{}.",
            stream(method.client_streaming()),
            link(method.input_type()),
            stream(method.server_streaming()),
            link(method.output_type())
        );
    }
}

fn messages(out: &mut String, file: &FileDescriptorProto) {
    for (number, message) in (0..).zip(&file.message_type) {
        _ = write!(out, "\n### {}\n", message.name());
        text(out, &paragraphs(file, &[MESSAGE, number]));
        if message.field.is_empty() {
            continue;
        }
        *out += "\n| Field | Type | Meaning |\n| --- | --- | --- |\n";
        for (place, field) in (0..).zip(&message.field) {
            let meaning = line(file, &[MESSAGE, number, MEMBER, place]);
            _ = writeln!(out, "| `{}` | {} | {meaning} |", field.name(), type_of(message, field));
        }
    }
}

fn enums(out: &mut String, file: &FileDescriptorProto) {
    for (number, found) in (0..).zip(&file.enum_type) {
        _ = write!(out, "\n### {}\n", found.name());
        text(out, &paragraphs(file, &[ENUM, number]));
        *out += "\n| Value | | Meaning |\n| --- | --- | --- |\n";
        for (place, value) in (0..).zip(&found.value) {
            let meaning = line(file, &[ENUM, number, MEMBER, place]);
            _ = writeln!(out, "| `{}` | {} | {meaning} |", value.name(), value.number());
        }
    }
}

fn text(out: &mut String, paragraphs: &[String]) {
    for paragraph in paragraphs {
        _ = write!(out, "\n{paragraph}\n");
    }
}

fn type_of(message: &DescriptorProto, field: &FieldDescriptorProto) -> String {
    let name = simple(field);
    let entry = message.nested_type.iter().find(|entry| field.type_name().ends_with(&format!(".{}", entry.name())));
    if let Some(entry) = entry {
        return format!("map from {} to {}", simple(&entry.field[0]), simple(&entry.field[1]));
    }
    if field.label() == Label::Repeated {
        return format!("list of {name}");
    }
    if field.proto3_optional() {
        return format!("{name}, optional");
    }
    let group = field.oneof_index.and_then(|index| message.oneof_decl.get(usize::try_from(index).ok()?));
    group.map_or(name.clone(), |group| format!("{name}, one of `{}`", group.name()))
}

fn simple(field: &FieldDescriptorProto) -> String {
    if matches!(field.r#type(), Type::Message | Type::Enum) {
        return link(field.type_name());
    }
    format!("`{}`", field.r#type().as_str_name().trim_start_matches("TYPE_").to_lowercase())
}

/// A name of ours with a link to its heading.
fn link(full_name: &str) -> String {
    let name = full_name.trim_start_matches('.');
    if name.starts_with("google.") {
        return format!("`{name}`");
    }
    let name = name.trim_start_matches("kenh.v1.");
    format!("[{name}](#{})", name.to_lowercase())
}
