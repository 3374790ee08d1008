"""Keras layers that Keras lacks. Their modules import Keras; only blocks import them, where a layer is made."""
