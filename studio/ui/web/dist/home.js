import{register as o}from"./studio.js";import{jsx as i}from"./studio.js";function e(){return i("div",{class:"s-panel",children:"\u2026"})}o("home",e);
