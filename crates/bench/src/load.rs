//! `bench load`: a workload into a server that runs already, to look at it closely.

use clap::Args;

use crate::replay::send_all;
use crate::size::SizeArgs;

#[derive(Debug, Args)]
pub(crate) struct LoadArgs {
    /// Port of the server on this host
    #[arg(long)]
    port: u16,
    #[command(flatten)]
    size: SizeArgs,
}

pub(crate) fn run(args: &LoadArgs) -> anyhow::Result<()> {
    let shape = args.size.shape(0)?;
    let payload = args.size.payload(shape, 0)?;
    let sent = send_all(args.port, &payload)?;
    let (from, to) = (shape.start_ms / 1000, shape.end_ms() / 1000);
    println!("{sent} samples of {} series from {from} to {to}", payload.series_total);
    Ok(())
}
