//! The one binary: hands the command line over and gives its exit code back.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    quittance::cli::main(std::env::args_os())
}
