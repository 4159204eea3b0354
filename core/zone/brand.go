package zone

// NativeRoot is where a zone of the brand has the native programs: LX zones have
// the image's at / and the platform's own under /native.
func (b Brand) NativeRoot() string {
	if b == LX {
		return "/native"
	}
	return ""
}
