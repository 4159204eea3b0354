# From a text profile of the whole: the part of the statements that was run, for
# each package and in all, and each place that never was, which fails. A place may be
# told by several programs; one that ran it is enough.
#
#	dockerinit/platform_illumos/console.go:41.50,42.30 2 1
#
# What writes the profile, and the tests' own programs, are no part of what it is about.
/platform_illumos/ && !/leaving_coverage|testdata/ && split($0, word, " ") == 3 && word[2] > 0 {
	size[word[1]] = word[2]
	if (word[3] > 0)
		ran[word[1]] = 1
}
END {
	for (place in size) {
		package = place
		sub(/\/[^\/]*:.*/, "", package)
		all[package] += size[place]
		total += size[place]
		if (ran[place]) {
			some[package] += size[place]
			sum += size[place]
		} else {
			print "never run: " place | "sort -t: -k2,2 -k3n"
		}
	}
	close("sort -t: -k2,2 -k3n")
	if (total == 0) {
		print "nothing of platform_illumos was measured" >"/dev/stderr"
		exit 1
	}
	for (package in all)
		printf "%5.1f%% of %d statements: %s\n", 100 * some[package] / all[package], all[package], package | "sort -k6"
	close("sort -k6")
	printf "%5.1f%% of %d statements: all of platform_illumos\n", 100 * sum / total, total
	exit sum < total
}
