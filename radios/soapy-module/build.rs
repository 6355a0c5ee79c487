//! Compiles the side of the module that speaks C++.

fn main() {
    println!("cargo::rerun-if-changed=src/module.cpp");
    #[cfg(feature = "module")]
    module();
}

#[cfg(feature = "module")]
fn module() {
    let soapy = pkg_config::Config::new().atleast_version("0.8.0").probe("SoapySDR");
    let soapy = soapy.unwrap_or_else(|error| {
        panic!("SoapySDR's headers and library are needed (Debian: libsoapysdr-dev): {error}")
    });
    cc::Build::new()
        .cpp(true)
        .std("c++11")
        .includes(soapy.include_paths)
        .file("src/module.cpp")
        // Nothing refers to what it registers when it is loaded: it must be kept nevertheless.
        .link_lib_modifier("+whole-archive")
        .compile("ackride_module");
}
