// Package oci reads images of the Docker world, in whatever form a person has
// one: an image's configuration, what docker inspect prints, an archive of docker
// save or of an OCI layout, such a layout's directory, or a reference into a
// registry.
//
// It is for dockerzone alone. What runs in a zone never sees an image as such:
// the host has made a root file system and metadata of it.
package oci
