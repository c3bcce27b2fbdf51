//! Writes the seeds of a target into a folder, a file each, for libFuzzer.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(name), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: kenh-fuzz TARGET FOLDER".into());
    };
    let target = kenh_fuzz::find(&name).ok_or_else(|| format!("there is no target {name}"))?;
    fs::create_dir_all(&folder)?;
    let regressions = kenh_fuzz::regressions(target.name).into_iter().map(|(_, bytes)| bytes);
    for (number, seed) in (target.seeds)().into_iter().chain(regressions).enumerate() {
        fs::write(Path::new(&folder).join(format!("seed-{number:04}")), seed)?;
    }
    Ok(())
}
