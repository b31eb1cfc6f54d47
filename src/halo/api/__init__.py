"""The functions and classes of `import halo`."""
