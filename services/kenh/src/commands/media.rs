//! `kenh media`

use std::{
    fs,
    io::{self, IsTerminal as _, Write, stdout},
    path::{Path, PathBuf},
};

use kenh_proto::v1::{
    GetMediaRequest, GetMediaResponse, MediaInfo, event_service_client::EventServiceClient,
    get_media_response::Response,
};
use sha2::{Digest as _, Sha256};
use tonic::Streaming;

use crate::{
    cli::{GetMedia, MediaCommand},
    client, connection,
    failure::Failure,
};

pub(crate) async fn run(command: MediaCommand) -> Result<(), Failure> {
    match command {
        MediaCommand::Get(arguments) => get(arguments).await,
    }
}

async fn get(arguments: GetMedia) -> Result<(), Failure> {
    let GetMedia { api, id, part, output, conversation } = arguments;
    if output.is_none() && stdout().is_terminal() {
        return Err(Failure::usage("-o: say where to write the file, or lead the output somewhere else"));
    }
    let mut client = EventServiceClient::new(connection::open(&api).await?);
    let request = GetMediaRequest { id, conversation_id: conversation, part };
    let mut pieces = client.get_media(request).await.map_err(client::refused)?.into_inner();
    match output {
        None => drop(copy(&mut pieces, &mut stdout().lock()).await?),
        Some(path) => {
            let staged = Staged::create(&path)?;
            let info = copy(&mut pieces, &mut &staged.file).await?;
            staged.keep(&path)?;
            eprintln!("kenh: {} bytes, {}", info.size, info.mime_type.as_deref().unwrap_or("of an unknown type"));
        }
    }
    Ok(())
}

/// Writes the bytes as they come, and compares them with what was promised.
async fn copy(pieces: &mut Streaming<GetMediaResponse>, to: &mut impl Write) -> Result<MediaInfo, Failure> {
    let (mut info, mut digest) = (None, Sha256::new());
    while let Some(piece) = pieces.message().await.map_err(client::refused)? {
        match piece.response {
            Some(Response::Info(found)) => info = Some(found),
            Some(Response::Chunk(bytes)) => {
                digest.update(&bytes);
                to.write_all(&bytes).map_err(unwritten)?;
            }
            None => {}
        }
    }
    to.flush().map_err(unwritten)?;
    let info = info.ok_or_else(|| Failure::runtime("the gateway said nothing of the file"))?;
    if digest.finalize().as_slice() != info.sha256 {
        return Err(Failure::runtime("the file did not come whole; try again"));
    }
    Ok(info)
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unwritten(error: io::Error) -> Failure {
    Failure::runtime(format!("the output: {error}"))
}

/// A file beside the one to be written, which becomes it once it is whole.
struct Staged {
    path: PathBuf,
    file: fs::File,
}

impl Staged {
    fn create(path: &Path) -> Result<Self, Failure> {
        let name = path.file_name().ok_or_else(|| Failure::usage("-o: expected the name of a file"))?;
        let mut staged = name.to_owned();
        staged.push(".part");
        let staged = path.with_file_name(staged);
        let file = fs::File::create(&staged);
        let file = file.map_err(|error| Failure::usage(format!("-o: cannot write {}: {error}", staged.display())))?;
        Ok(Self { path: staged, file })
    }

    fn keep(self, path: &Path) -> Result<(), Failure> {
        fs::rename(&self.path, path)
            .map_err(|error| Failure::runtime(format!("-o: cannot write {}: {error}", path.display())))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // It is gone where it was kept.
        drop(fs::remove_file(&self.path));
    }
}
