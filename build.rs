//! Rebuilds the binary when a case or a template is added: both are embedded, and the embedding macro sees only files that it already knows.
fn main() {
    println!("cargo:rerun-if-changed=cases");
    println!("cargo:rerun-if-changed=templates");
}
