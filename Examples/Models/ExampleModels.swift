// Example models land here.
