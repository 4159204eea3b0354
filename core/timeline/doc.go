// Package timeline draws the log of a boot: a waterfall of its actions, the blame
// for its length, a picture, and the difference to another boot.
//
// A line of the log stands at the end of an action and says how long that took, so
// an action's bar is known from its line alone. What the clock did meanwhile is not
// to be trusted: a zone may boot before its host knows the time. Where it goes back,
// or leaps over a day, the lines follow each other by what they took.
//
// It reads what package bootlog read, and knows neither the boot nor its steps.
package timeline
