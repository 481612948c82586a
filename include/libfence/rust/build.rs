// SPDX-License-Identifier: GPL-2.0 OR MIT

//! Says where libfence is: in `LIBFENCE_LIB_DIR`, or where pkg-config finds it. Otherwise the linker
//! searches its usual directories.

use std::{env, process::Command};

fn main() {
    for name in ["LIBFENCE_LIB_DIR", "PKG_CONFIG", "PKG_CONFIG_PATH"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    if let Ok(dir) = env::var("LIBFENCE_LIB_DIR") {
        println!("cargo:rustc-link-search=native={dir}");
        return;
    }
    let tool = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    let Ok(output) = Command::new(tool).args(["--libs", "libfence"]).output() else {
        return;
    };
    // If there is only libfence.a, there are libraries that it needs.
    for word in String::from_utf8_lossy(&output.stdout).split_whitespace() {
        match word.split_at(word.len().min(2)) {
            ("-L", dir) => println!("cargo:rustc-link-search=native={dir}"),
            ("-l", name) if name != "fence" => println!("cargo:rustc-link-lib={name}"),
            _ => (),
        }
    }
}
