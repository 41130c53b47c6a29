// A preload that does nothing: what Node.js takes for any --import.
