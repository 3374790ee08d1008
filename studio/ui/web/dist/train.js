import{register as i}from"./studio.js";import{jsx as n}from"./studio.js";function r(){return n("div",{class:"s-panel",children:"\u2026"})}i("train",r);
