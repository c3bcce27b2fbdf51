//! The contract with its comments.

use prost::Message as _;
use prost_types::{FileDescriptorProto, FileDescriptorSet};

/// Numbers that lead to a part of a file, as descriptor.proto has them.
pub(crate) const MESSAGE: i32 = 4;
pub(crate) const ENUM: i32 = 5;
pub(crate) const SERVICE: i32 = 6;
/// Fields of a message, values of an enum, methods of a service.
pub(crate) const MEMBER: i32 = 2;

/// Our own files, in the order of their names.
pub(crate) fn files() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(kenh_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let mut files: Vec<_> = set.file.into_iter().filter(|file| file.package() == "kenh.v1").collect();
    files.sort_by(|one, other| one.name().cmp(other.name()));
    files
}

/// Paragraphs of the comment on a part of a file.
///
/// # Panics
/// When it has none: every part of the contract says what it is.
pub(crate) fn paragraphs(file: &FileDescriptorProto, path: &[i32]) -> Vec<String> {
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    let comment =
        locations.filter(|location| location.path == path).find_map(|location| location.leading_comments.clone());
    let comment = comment.unwrap_or_else(|| panic!("{} says nothing of {path:?}", file.name()));
    let paragraphs = comment.split("\n\n").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.filter(|text| !text.is_empty()).collect()
}

/// The comment in one line, for a cell of a table.
pub(crate) fn line(file: &FileDescriptorProto, path: &[i32]) -> String {
    paragraphs(file, path).join(" ").replace('|', "\\|").replace('<', "&lt;")
}

/// The comments on an enum's values, by their names; the enum may be in any file.
pub(crate) fn values(files: &[FileDescriptorProto], name: &str) -> Vec<(String, String)> {
    let found = files.iter().find_map(|file| {
        let place = file.enum_type.iter().position(|found| found.name() == name)?;
        Some((file, i32::try_from(place).ok()?, file.enum_type.get(place)?))
    });
    let (file, place, found) = found.unwrap_or_else(|| panic!("there is no enum {name}"));
    let value = |(number, value): (i32, &prost_types::EnumValueDescriptorProto)| {
        (value.name().to_owned(), line(file, &[ENUM, place, MEMBER, number]))
    };
    (0..).zip(&found.value).map(value).collect()
}
